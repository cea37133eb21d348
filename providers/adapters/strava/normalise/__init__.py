"""Strava's documents → records. Pure.

activities    a page of summaries: workouts without what only details tell (version 2)
activity      {"activity": detail, "streams": …, "zones": …}, joined by the adapter (version 3)
athlete       weight and threshold power as of now
athlete_zones kept as a payload; no records are made
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from healthdata.records import Record, Rejected
from providers.adapters.strava.normalise import activity, athlete, streams
from providers.adapters.strava.normalise.fields import ATHLETE, KNOWN
from providers.contract import AnomalousPayload, Context, read_json
from providers.contract.json_items import JsonItem, items, read_object, unknown_fields


class JoinedActivity(msgspec.Struct):
    """An activity with what the adapter fetched for it; streams and zones are null where there are none."""

    activity: dict[str, Any]
    streams: Any = None
    zones: Any = None


def normalise(body: bytes, context: Context) -> Iterator[Record | Rejected]:
    """Yield the records of one stored page. Raises AnomalousPayload."""
    if context.kind == "activities":
        yield from _summaries(body, context)
    elif context.kind == "activity":
        yield from _detail(body, context)
    elif context.kind == "athlete":
        row = read_object(body, "athlete")
        yield from unknown_fields([row], ATHLETE, "athlete")
        yield from athlete.read(JsonItem(row, "athlete", 0, context))
    elif context.kind == "athlete_zones":
        read_object(body, "athlete_zones")
    else:
        raise AnomalousPayload("No document of Strava has this name.")


def _summaries(body: bytes, context: Context) -> Iterator[Record | Rejected]:
    rows = read_json(body, list[Any])
    yield from unknown_fields(rows, KNOWN, "activities")
    for item in items(rows, "activities", context):
        if isinstance(item, Rejected):
            yield item
            continue
        found = activity.read(item)
        if found is not None:
            yield found.workout
        yield from item.refused


def _detail(body: bytes, context: Context) -> Iterator[Record | Rejected]:
    joined = read_json(body, JoinedActivity)
    yield from unknown_fields([joined.activity], KNOWN, "activity")
    item = JsonItem(joined.activity, "activity", 0, context)
    zones = joined.zones if isinstance(joined.zones, list) else []
    if joined.zones is not None and zones is not joined.zones:
        item.refuse("zones", "not_a_list")
    found = activity.read(item, zones=zones)
    recorded = _by_type(joined.streams)
    if found is not None:
        yield found.workout
        if isinstance(recorded, dict):
            yield from streams.read(JsonItem(recorded, "streams", 0, context, item.refused), found)
        elif recorded is not None:
            item.refuse("streams", "not_an_object")
    yield from item.refused


def _by_type(recorded: Any) -> Any:
    """Return streams by their names, also where Strava lists them instead."""
    if not isinstance(recorded, list):
        return recorded
    named = [one for one in recorded if isinstance(one, dict) and isinstance(one.get("type"), str)]
    return {one["type"]: one for one in named} if len(named) == len(recorded) else recorded
