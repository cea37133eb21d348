"""Fitbit's documents → records. Pure. All but the profile are wrapped with the zone of the wearer's clock."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.records import ClearedRange, Record, Rejected
from providers.adapters.fitbit.collections import EXERCISE, PROFILE
from providers.adapters.fitbit.normalise import daily, readings, sleep, workouts
from providers.adapters.fitbit.normalise.fields import TRACKER, FitbitClock
from providers.contract import AnomalousPayload, Context, Coverage, Retraction
from providers.contract.json_items import JsonItem, read_object, undated_figures

Found = Iterator[Record | Rejected | Retraction | ClearedRange]
COVERAGE: Final = Coverage(
    series=tuple(dict.fromkeys([*daily.SERIES, *readings.SERIES])),
    workout_types=workouts.WORKOUT_TYPES,
    sleep=True,
)


def normalise(body: bytes, context: Context) -> Found:
    """Yield the records of one stored page. Raises AnomalousPayload."""
    document, kind = read_object(body, context.kind), context.kind
    if kind == PROFILE:
        yield from _profile(document, context)
        return
    answer = document.get("answer")
    if not isinstance(answer, dict | list):
        raise AnomalousPayload("Not a document of Fitbit's.")
    wrapper = JsonItem(document, kind, 0, context)
    clock = FitbitClock(wrapper.text("timezone") or "", context)
    yield from _read(kind, wrapper, answer, clock)
    yield from wrapper.refused


def _read(kind: str, wrapper: JsonItem, answer: Any, clock: FitbitClock) -> Found:
    context = wrapper.context
    if kind in daily.NIGHTLY:
        return daily.nightly(kind, answer, context)
    if kind in readings.INTRADAY:
        return readings.intraday(kind, answer, clock, context)
    if kind in readings.BY_MINUTE:
        return readings.by_minute(kind, answer, clock, context)
    if kind in readings.BODY:
        return readings.body(kind, wrapper, answer, clock, context)
    if kind == "temp_core":
        return readings.temp_core(answer, clock, context)
    if kind == "cardioscore":
        return daily.cardioscore(answer, context)
    whole = {"sleep": sleep.read, EXERCISE: workouts.read}.get(kind)
    if whole is not None:
        return whole(wrapper, answer, clock, context)
    of_day = {"activity": daily.activity, "food": daily.food, "water": daily.water}.get(kind)
    if of_day is None:
        raise AnomalousPayload("No kind of Fitbit's has this name.")
    return of_day(wrapper, answer, context)


def _profile(document: dict[str, Any], context: Context) -> Found:
    if not isinstance(document.get("user"), dict):
        raise AnomalousPayload("Not a profile.")
    item = JsonItem(document["user"], PROFILE, 0, context)
    if item.fields.get("height"):
        yield from undated_figures(item, TRACKER, {"height": (readings.HEIGHT, 1.0)})
    yield from item.refused
