"""The server that the samples are run against: `manage.py run` with simulated vendors, and a customer a language.

Each customer has what the pages take for granted: a key, an end user with some days of data, and connected vendors.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from providers.simulator import server as simulator
from providers.simulator.world import settings_at, vendors
from tests.wearlink import installation
from wearlink.demo import cloud, wire
from wearlink.demo.day import DemoDay
from wearlink.demo.demo_users import ANNA, CloudAccount

FIRST: Final = date(2026, 4, 13)
DAYS: Final = 3
TIMEOUT_SECONDS: Final = 120.0
SHORT: Final = {"PROVIDER_GARMIN_HISTORY_DAYS": "7"}  # of history, which a new connection asks for
PASSWORD: Final = "a long passphrase"
VENDORS: Final = ("oura", "garmin", "strava")


@dataclass(frozen=True, slots=True)
class DocCustomer:
    """The customer that calls in one language."""

    base: str
    email: str
    key: str
    user_id: str

    def filled_in(self, code: str) -> str:
        """Return the sample with this customer's own in place of what pages show."""
        for shown, real in (
            ("https://wearlink.io/api/v1", self.base),
            ("sk-your-key", self.key),
            ("550e8400-e29b-41d4-a716-446655440000", self.user_id),
            ("you@example.com", self.email),
            ("your-password", PASSWORD),
        ):
            code = code.replace(shown, real)
        return code


@contextmanager
def running(data: Path, languages: Sequence[str]) -> Iterator[dict[str, DocCustomer]]:
    """A server of our own, with one customer for each language."""
    with simulator.running() as world:
        server = installation.start(data, "--no-demo", **settings_at(world.url), **SHORT)
        try:
            server.ready()
            root = f"http://127.0.0.1:{server.port}"
            customers = {one: _customer(root, one) for one in languages}
            for customer in customers.values():
                _wait_for_days(customer)
            yield customers
        finally:
            server.stop()


def _customer(root: str, language: str) -> DocCustomer:
    base, email = f"{root}/api/v1", f"docs-{language}@example.com"
    account = {"email": email, "password": PASSWORD, "organization_name": f"StrideFit {language}"}
    # Registration is limited by address, and the samples register from the usual one.
    with httpx.Client(base_url=base, timeout=30, transport=httpx.HTTPTransport(local_address="127.0.0.2")) as client:
        client.headers["X-WearLink-API-Key"] = _json(client.post("/auth/register", json=account))["api_key"]
        user = _json(client.post("/users", json={"first_name": "Anna", "time_zone": ANNA.time_zone}))
        for number in range(DAYS):
            day = DemoDay(ANNA, FIRST + timedelta(days=number))
            _json(client.post(f"/sdk/users/{user['id']}/sync", content=wire.body(day, day.end), headers=JSON))
        key = client.headers["X-WearLink-API-Key"]
        for vendor in VENDORS:
            assert cloud.connect(root, key, user["id"], CloudAccount(vendor, next(iter(vendors()[vendor].people))))
        return DocCustomer(base, email, key, user["id"])


JSON: Final = {"Content-Type": "application/json"}


def _json(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def _wait_for_days(customer: DocCustomer) -> None:
    """Until nights, days and scores of what was sent are there."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    asked = {"start_date": str(FIRST), "end_date": str(FIRST + timedelta(days=DAYS))}
    with httpx.Client(base_url=customer.base, headers={"X-WearLink-API-Key": customer.key}, timeout=30) as client:
        while True:
            scores = _json(client.get(f"/users/{customer.user_id}/health-scores", params=asked))["data"]
            days = _json(client.get(f"/users/{customer.user_id}/summaries/activity", params=asked))["data"]
            if len(scores) >= DAYS and len(days) >= DAYS:
                return
            assert time.monotonic() < deadline, f"{len(scores)} scores and {len(days)} days after two minutes"
            time.sleep(0.2)
