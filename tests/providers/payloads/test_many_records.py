"""Payloads with more records than are held at a time, and documents whose vendor numbers them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from accounts.models import EndUser
from healthdata.models import DailyValue, SampleChunk
from healthdata.records import DailyRecord, Sample, SourceInfo
from providers import registry
from providers.contract import AnomalousPayload, Context, Provider, ProviderKind, Retraction
from providers.models import Payload
from providers.payloads import process, receive
from tests.providers.sync_bodies import heart_rates, sync
from wearlink.lib.clock import parse_rfc3339

pytestmark = pytest.mark.django_db
WATCH = SourceInfo("apple", name="Watch")
DAY = date(2026, 4, 15)
NOON = parse_rfc3339("2026-04-15T12:00:00Z")[0]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty records at a time."""
    monkeypatch.setattr(process, "MAX_RECORDS", 40)


def reads_as(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    """Make the apple adapter give what a function says of a body."""

    class Other(Provider):
        slug, name, kind = "apple", "Apple", ProviderKind.SDK

        def normalise(self, body: bytes, context: Context) -> Iterator[Any]:
            return iter(found(body))

    known = {**registry.providers(), "apple": Other()}
    monkeypatch.setattr(registry, "providers", lambda: known)


def give(user: EndUser, body: bytes) -> Payload:
    incoming = receive.IncomingPayload(user.key, user.organization_id, "apple", body, items=10)
    batch_id = receive.receive(incoming)
    process.drain(user.key)
    return Payload.objects.get(batch_id=batch_id)


def samples(user: EndUser) -> int:
    return sum(SampleChunk.objects.filter(user_key=user.key).values_list("n", flat=True))


def beats(count: int) -> Iterator[Sample]:
    return (Sample(WATCH, "heart_rate", NOON + number * 1000, 60.0) for number in range(count))


def test_a_payload_of_very_many_records_is_stored_piece_by_piece_and_counted_whole(jane: EndUser) -> None:
    payload = give(jane, sync(records=heart_rates(150)))
    assert (payload.state, payload.inserted) == ("done", 150)
    assert samples(jane) == 150
    again = give(jane, sync(records=heart_rates(151)))
    assert (again.inserted, again.unchanged) == (1, 150)


def test_what_cannot_be_read_behind_the_first_piece_takes_all_of_it_back(
    jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(body: bytes) -> Iterator[Sample]:
        yield from beats(60)
        raise AnomalousPayload("It breaks off here.")

    reads_as(monkeypatch, breaking)
    payload = give(jane, b"x")
    assert (payload.state, payload.error) == ("dead", "It breaks off here.")
    assert samples(jane) == 0


def steps(value: float, version: int | None, *names: str) -> list[Any]:
    found: list[Any] = [Retraction("day", version)]
    found += [DailyRecord(WATCH, name, DAY, value, None, f"day#{name}", version) for name in names]
    return found


def figures(user: EndUser) -> dict[str, float]:
    rows = DailyValue.objects.filter(user_key=user.key).select_related("stream")
    return {row.stream.series: row.value for row in rows}


def test_a_document_behind_the_first_piece_is_still_the_whole_of_it(
    jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {b"1": ("steps", "flights_climbed"), b"2": ("steps",)}
    reads_as(monkeypatch, lambda body: [*beats(90), *steps(5, None, *versions[body])])
    give(jane, b"1")
    assert figures(jane) == {"steps": 5, "flights_climbed": 5}
    give(jane, b"2")
    assert figures(jane) == {"steps": 5}
    assert samples(jane) == 90


@pytest.mark.parametrize("together", [True, False])
def test_of_two_versions_of_a_document_the_higher_stands_in_any_order(
    jane: EndUser, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    names = {7: ("steps", "flights_climbed"), 3: ("steps",)}
    reads_as(monkeypatch, lambda body: steps(float(body), int(body), *names[int(body)]))
    if together:
        for body in (b"7", b"3"):
            receive.receive(receive.IncomingPayload(jane.key, jane.organization_id, "apple", body, items=10))
        process.drain(jane.key)
    else:
        give(jane, b"7")
        assert give(jane, b"3").state == "done"
    assert figures(jane) == {"steps": 7, "flights_climbed": 7}
