"""FIT activity files → records: the workout with its laps and legs, and its readings second by second. Pure.

A payload is a line of JSON that says which activity the file is of, and after it the file unchanged:

    {"activityId": "18300441207", "activityType": "TRAIL_RUNNING"}
    .FIT…
"""

from collections.abc import Iterator
from typing import Final

from healthdata.records import Record, Rejected
from providers.adapters.garmin.fit import beats, lengths, readings, sessions
from providers.adapters.garmin.fit.decode import decode
from providers.adapters.garmin.fit.head import split
from providers.contract import Context

SERIES: Final = tuple(dict.fromkeys([*readings.SERIES, *beats.SERIES, *lengths.SERIES]))
COLLECTION: Final = "activityFiles"


def normalise(body: bytes, context: Context) -> Iterator[Record | Rejected]:
    """Yield what can be read of a file; what is wrong with it comes last. Raises AnomalousPayload without its first
    line.
    """
    head, file = split(body)
    found = decode(file)
    activity = sessions.read(found, head, context)
    if activity is not None:
        yield activity.workout
        yield from readings.read(found, activity, context)
        yield from beats.read(found, activity, context)
        yield from lengths.read(found, activity, context)
    for field, reason in found.faults:
        yield Rejected(COLLECTION, 0, field, reason)
