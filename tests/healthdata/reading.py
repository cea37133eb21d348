"""Parts that tests of reading share: data in through the store, answers out through the API."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.test import Client

from accounts import keys
from accounts.end_users import users
from accounts.models import EndUser, Organization
from healthdata.records import DailyRecord, Record, Sample, SourceInfo, StageRecord
from healthdata.store import store
from wearlink.lib.clock import parse_rfc3339

MINUTE, HOUR = 60_000, 3_600_000

WATCH = SourceInfo(provider="apple", model="Watch6,3", name="Apple Watch", device_type="watch")
PHONE = SourceInfo(provider="apple", model="iPhone14,2", name="iPhone", device_type="phone")
RING = SourceInfo(provider="oura", name="Oura Ring Gen3", device_type="ring")
SCALE = SourceInfo(provider="garmin", name="Index S2", device_type="scale")


def at(text: str) -> int:
    """Return milliseconds of an RFC 3339 time."""
    return parse_rfc3339(text)[0]


def every(step: int, first: str, count: int, **fields: Any) -> list[Sample]:
    """Return samples at a regular pace."""
    start = at(first)
    return [Sample(start=start + number * step, **fields) for number in range(count)]


def stages(
    first: str, lengths: Sequence[tuple[str, int]], *, source: SourceInfo = WATCH, nap: bool | None = None
) -> list[StageRecord]:
    """Return a night: stages and their minutes, one after the other."""
    rows, start = [], at(first)
    for stage, minutes in lengths:
        rows.append(StageRecord(source=source, start=start, end=start + minutes * MINUTE, stage=stage, nap=nap))
        start += minutes * MINUTE
    return rows


def amount(series: str, start: str, value: float, source: SourceInfo = WATCH) -> Sample:
    """Return an amount over one minute."""
    return Sample(source=source, series=series, start=at(start), value=value, duration=MINUTE)


def total(series: str, value: float, source: SourceInfo = WATCH, on: str = "2026-04-15") -> DailyRecord:
    """Return a vendor's own figure of a local date."""
    return DailyRecord(source=source, series=series, day=day(on), value=value)


@dataclass(frozen=True)
class EndUserCase:
    """An end user, and a caller who may be of another organization."""

    end_user: EndUser
    key: str
    client: Client

    def url(self, path: str) -> str:
        return f"/api/v1/users/{self.end_user.id}/{path}"

    def ask(self, path: str, *, headers: dict[str, str] | None = None, **params: Any) -> Any:
        """Return the response, whatever it is."""
        return self.client.get(self.url(path), params, headers={"X-WearLink-API-Key": self.key, **(headers or {})})

    def get(self, path: str, **params: Any) -> Any:
        """Return the answer of a call that must work."""
        response = self.ask(path, **params)
        assert response.status_code == 200, response.content
        return response.json()

    def refused(self, path: str, **params: Any) -> dict[str, str]:
        """Return the faults of a call that must be a bad request, by field."""
        response = self.ask(path, **params)
        assert response.status_code == 400, response.content
        return {error["field"]: error["message"] for error in response.json()["errors"]}

    def pages(self, path: str, **params: Any) -> list[Any]:
        """Return all answers of a list, following next_cursor."""
        answers = [self.get(path, **params)]
        while (cursor := answers[-1]["pagination"]["next_cursor"]) is not None:
            answers.append(self.get(path, cursor=cursor, **params))
        return answers


def organization(name: str) -> Organization:
    return Organization.objects.create(name=name)


def key_of(tenant: Organization) -> str:
    """Return a new API key of the organization."""
    return keys.mint(organization=tenant, name="tests").secret


def end_user(tenant: Organization, **values: Any) -> EndUserCase:
    """Return a new end user, asked for by a new key of the organization."""
    return EndUserCase(users.create(tenant, values), key_of(tenant), Client())


def with_key_of(case: EndUserCase, tenant: Organization) -> EndUserCase:
    """Return the same end user, asked for by somebody else."""
    return replace(case, key=key_of(tenant))


def put(case: EndUserCase, *records: Record) -> None:
    """Store records as one batch."""
    store(case.end_user.key, [records])


def day(text: str) -> date:
    return date.fromisoformat(text)
