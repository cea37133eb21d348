"""End users of a site: what they send, and every row that is stored of it."""

import json
from dataclasses import dataclass
from typing import Any

from tests.faults.calls import Answer, form
from tests.faults.site import TIMEOUT_SECONDS, Site, until
from tests.providers.sync_bodies import WATCH
from wearlink.lib.clock import rfc3339

START = 1_776_470_400_000  # 2026-04-18T00:00:00Z
OPEN = "('received', 'processing')"
# What tells rows of two users apart although they say the same.
OWN = "{key,id,uid,same_as,user_key,stream_id,source_id,target,created_at,updated_at,body,key48}"
_SOURCE = "(SELECT concat_ws('|', s.provider, s.key, s.model, s.name) FROM healthdata_source s WHERE s.id = %s)"
_STREAM = f"(SELECT concat_ws('|', t.series, t.grain, t.span, {_SOURCE % 't.source_id'}) FROM healthdata_stream t WHERE t.id = r.stream_id)"  # noqa: E501
TABLES = {
    "healthdata_source": "''",
    "healthdata_stream": _SOURCE % "r.source_id",
    "healthdata_samplechunk": _STREAM,
    "healthdata_dailyvalue": _STREAM,
    "healthdata_workout": _SOURCE % "r.source_id",
    "healthdata_sleepstage": _SOURCE % "r.source_id",
    "healthdata_sleepsession": _SOURCE % "r.source_id",
    "healthdata_healthscore": _SOURCE % "r.source_id",
}
#: What a worker makes of the rows at leisure, when the payloads are done.
COMPUTED_LATER = {"healthdata_healthscore": "r.provider = 'wearlink' AND r.category <> 'sleep'"}


@dataclass(frozen=True, slots=True)
class Person:
    """One end user of a site."""

    site: Site
    id: str
    key: int

    @classmethod
    def new(cls, site: Site) -> "Person":
        answer = site.call("POST", "/users", {})
        assert answer.status == 201, answer
        key = site.one("SELECT key FROM accounts_enduser WHERE id = %s", answer.body["id"])
        return cls(site, answer.body["id"], key)

    def sync(self, body: bytes, *, port: int = 0) -> Answer:
        return self.site.call("POST", f"/sdk/users/{self.id}/sync", body, port=port)

    def batch(self, batch_id: str) -> dict[str, Any]:
        """Return what the API says of one."""
        answer = self.site.call("GET", f"/sdk/users/{self.id}/sync/{batch_id}")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body
        return found

    def upload(self, export: bytes) -> Answer:
        """Post an Apple Health export."""
        body, head = form("export.xml", export)
        return self.site.call("POST", f"/users/{self.id}/import/apple/xml/direct", body, head)

    def imported(self, job_id: str) -> dict[str, Any]:
        """Return what the API says of an import."""
        found: dict[str, Any] = self.site.call("GET", f"/users/{self.id}/imports/{job_id}").body
        return found

    def waiting(self) -> int:
        """Return how many payloads are not done."""
        found: int = self.site.one(
            f"SELECT count(*) FROM providers_payload WHERE user_key = %s AND state IN {OPEN}", self.key
        )
        return found

    def leases(self) -> set[Any]:
        """Return the tokens under which workers, living or dead, have payloads in hand."""
        query = "SELECT DISTINCT lease FROM providers_payload WHERE user_key = %s AND lease IS NOT NULL"
        return {lease for (lease,) in self.site.sql(query, self.key)}

    def caught(self) -> None:
        """Wait for the moment in which a worker takes some of the payloads."""
        known = self.leases()
        until(lambda: bool(self.leases() - known), lambda: (self.payloads(), self.site.log("worker")))

    def payloads(self) -> list[tuple[str, int, int, int]]:
        """State, attempts, inserted and unchanged of each payload, in the order of receipt."""
        query = "SELECT state, attempts, inserted, unchanged FROM providers_payload WHERE user_key = %s ORDER BY id"
        return self.site.sql(query, self.key)

    def done(self, patience: float = TIMEOUT_SECONDS) -> None:
        """Wait until nothing of this user waits."""
        until(lambda: self.waiting() == 0, lambda: (self.payloads(), self.site.log("worker")), patience)

    def rows(self) -> dict[str, list[str]]:
        """Return everything stored of this user with the payloads, without what is this user's alone."""
        found = {}
        for table, place in TABLES.items():
            stored = f"{table} r WHERE user_key = %s AND NOT ({COMPUTED_LATER.get(table, 'false')})"
            query = f"SELECT {place}, to_jsonb(r) - '{OWN}'::text[] FROM {stored}"
            found[table] = sorted(json.dumps(row, sort_keys=True) for row in self.site.sql(query, self.key))
        return found

    def samples(self) -> int:
        """Return how many samples are stored."""
        found: int = self.site.one(
            "SELECT coalesce(sum(n), 0) FROM healthdata_samplechunk WHERE user_key = %s", self.key
        )
        return found

    def hurry(self) -> None:
        """Make everything due that waits for its next attempt, as time would."""
        self.site.sql("UPDATE providers_payload SET due_at = now() WHERE user_key = %s AND lease IS NULL", self.key)

    def drain(self) -> None:
        """Have a worker look at this user's payloads now, as a post or the sweeper does."""
        self.site.send("providers.payloads.tasks.drain", "ingest", self.key)


def rates(first: int, count: int, *, zone: str = "+02:00") -> bytes:
    """Return a sync of `count` heart rates, 5 seconds apart, the first of all being number 0."""
    records = [
        {
            "id": f"hr-{number}",
            "type": "HKQuantityTypeIdentifierHeartRate",
            "startDate": rfc3339(START + number * 5_000),
            "endDate": rfc3339(START + number * 5_000),
            "zoneOffset": zone,
            "value": 50 + number % 100,
            "unit": "count/min",
            "source": WATCH,
        }
        for number in range(first, first + count)
    ]
    return envelope(records=records)


def envelope(**data: Any) -> bytes:
    """Return a whole body; data by collection."""
    whole = {"provider": "apple", "sdkVersion": "1.0.0", "syncTimestamp": "2026-04-19T00:00:00Z", "data": data}
    return json.dumps(whole).encode()
