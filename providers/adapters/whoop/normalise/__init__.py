"""WHOOP's documents → records. Pure.

sleep, workout    a page, or one object
cycle, recovery   {"records": …, "sleeps": {id: what dates it}}, joined by the adapter
body_measurement  one object
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from healthdata.records import Record, Rejected
from providers.adapters.whoop.normalise import body as measurements
from providers.adapters.whoop.normalise import cycles, recoveries, sleep, workouts
from providers.adapters.whoop.normalise.fields import KNOWN
from providers.contract import AnomalousPayload, Context, Retraction
from providers.contract.json_items import read_object, unknown_fields


class WhoopReading(Protocol):
    """Makes records of the rows of one collection; `document` is what they came in."""

    def __call__(
        self, rows: list[Any], document: Mapping[str, Any], context: Context
    ) -> Iterator[Record | Rejected | Retraction]: ...


READINGS: Final[Mapping[str, WhoopReading]] = {
    "sleep": sleep.read,
    "workout": workouts.read,
    "cycle": cycles.read,
    "recovery": recoveries.read,
    "body_measurement": measurements.read,
}


def normalise(body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield a page of a collection, or one document of it. Raises AnomalousPayload."""
    reading = READINGS.get(context.kind)
    if reading is None:
        raise AnomalousPayload("No collection of WHOOP has this name.")
    document = read_object(body, context.kind)
    rows = _rows(document, context.kind)
    yield from unknown_fields(rows, KNOWN[context.kind], context.kind)
    yield from reading(rows, document, context)


def _rows(document: dict[str, Any], collection: str) -> list[Any]:
    rows = document.get("records")
    if isinstance(rows, list):
        return rows
    if "records" in document or KNOWN[collection].isdisjoint(document):
        raise AnomalousPayload(f"Neither a page nor a document of {collection}.")
    return [document]
