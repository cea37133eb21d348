"""Oura's documents → records: one entry a collection, each item in the vendor's order. Pure.

A document makes parts (``{id}#{part}``), so that a revision replaces the whole of it and a deletion finds all of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from healthdata.records import Record, Rejected
from providers.adapters.oura.normalise import daily, events, heartrate, profile, sleep
from providers.adapters.oura.normalise.fields import KNOWN
from providers.contract import AnomalousPayload, Context, Retraction
from providers.contract.json_items import read_object, unknown_fields


class DocumentNormaliser(Protocol):
    """Makes records of the items of one collection."""

    def __call__(
        self, rows: list[Any], collection: str, context: Context
    ) -> Iterator[Record | Rejected | Retraction]: ...


def nothing(rows: list[Any], collection: str, context: Context) -> Iterator[Record]:
    """Collections without a place in the model: the payload is kept, and no records are made."""
    return iter(())


READINGS: Final[Mapping[str, DocumentNormaliser]] = {
    "personal_info": profile.read,
    "heartrate": heartrate.read,
    "sleep": sleep.read,
    "workout": events.workouts,
    "session": events.sessions,
    **dict.fromkeys(daily.TABLES, daily.read),
    **dict.fromkeys(
        ("sleep_time", "rest_mode_period", "tag", "enhanced_tag", "ring_configuration", "ring_battery_level"), nothing
    ),
}


def normalise(body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield a page of a collection, or one document of it. Raises AnomalousPayload."""
    reading = READINGS.get(context.kind)
    if reading is None:
        raise AnomalousPayload("No collection of Oura has this name.")
    document = read_object(body, context.kind)
    if context.kind == "heartrate" and isinstance(document.get("page"), dict):
        rows = _rows(document["page"], context.kind)
        yield from unknown_fields(rows, KNOWN[context.kind], context.kind)
        yield from heartrate.read(rows, context.kind, context, heartrate.nights(document.get("nights")))
        return
    rows = _rows(document, context.kind)
    yield from unknown_fields(rows, KNOWN[context.kind], context.kind)
    yield from reading(rows, context.kind, context)


def _rows(document: dict[str, Any], collection: str) -> list[Any]:
    rows = document.get("data")
    if isinstance(rows, list):
        return rows
    if "id" not in document or "data" in document:
        raise AnomalousPayload(f"Neither a page nor a document of {collection}.")
    return [document]
