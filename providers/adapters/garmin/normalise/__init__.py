"""Garmin's summaries → records. Pure.

A payload holds summaries of one kind and one end user: a JSON list, as pings are answered and as pushes are cut up. A
payload of kind activityFiles is a file with a line of JSON before it (providers.adapters.garmin.fit).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from healthdata.records import Record, Rejected
from providers.adapters.garmin.normalise import (
    activities,
    body,
    cycles,
    days,
    details,
    epochs,
    readings,
    sleep,
    sports,
)
from providers.adapters.garmin.normalise.fields import KNOWN
from providers.contract import AnomalousPayload, Context, Retraction, read_json
from providers.contract.json_items import unknown_fields


class SummaryReading(Protocol):
    """Makes records of the summaries of one kind."""

    def __call__(
        self, rows: list[Any], collection: str, context: Context
    ) -> Iterator[Record | Rejected | Retraction]: ...


def nothing(rows: list[Any], collection: str, context: Context) -> Iterator[Record]:
    """Return nothing: the raw payload is kept, and the minutes of Move IQ are in dailies and epochs already."""
    return iter(())


READINGS: Final[Mapping[str, SummaryReading]] = {
    "dailies": days.dailies,
    "userMetrics": days.user_metrics,
    "epochs": epochs.read,
    "sleeps": sleep.read,
    "bodyComps": body.read,
    "bloodPressures": body.read,
    **dict.fromkeys(("stressDetails", "pulseox", "allDayRespiration", "hrv", "skinTemp"), readings.read),
    "healthSnapshot": readings.snapshots,
    "activities": activities.read,
    "manuallyUpdatedActivities": activities.read,
    "activityDetails": details.read,
    "mct": cycles.read,
    "moveIQActivities": nothing,
}
SERIES: Final = tuple(
    dict.fromkeys(
        [*days.SERIES, *epochs.SERIES, *readings.SERIES, *body.SERIES, *sleep.SERIES, *details.SERIES, *cycles.SERIES]
    )
)
WORKOUT_TYPES: Final = sports.WORKOUT_TYPES
SCORES: Final = (*days.SCORES, *sleep.SCORES)


def normalise(body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield summaries of one kind. Raises AnomalousPayload."""
    reading = READINGS.get(context.kind)
    if reading is None:
        raise AnomalousPayload("No summary of Garmin has this name.")
    rows = read_json(body, list[Any])
    yield from unknown_fields(rows, KNOWN[context.kind], context.kind)
    yield from reading(rows, context.kind, context)
