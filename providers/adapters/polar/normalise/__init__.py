"""Polar's documents → records. Pure.

Nothing but workouts has an id of Polar's: a night and a day's activity are known by their dates.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from healthdata.records import Record, Rejected
from providers.adapters.polar.normalise import daily, elixir, exercise, night, pulse
from providers.adapters.polar.normalise.sports import WORKOUT_TYPES
from providers.contract import AnomalousPayload, Context, Coverage, Retraction, read_json
from providers.contract.json_items import JsonItem, items


class ItemNormaliser(Protocol):
    """Makes records of one object of a kind."""

    def __call__(self, item: JsonItem) -> Iterator[Record | Retraction]: ...


def nothing(item: JsonItem) -> Iterator[Record]:
    """Return nothing: the payload is kept, and the model has no place for its data."""
    return iter(())


READINGS: Final[Mapping[str, ItemNormaliser]] = {
    "exercise": exercise.read,
    "night": night.read,
    "activity": daily.activity,
    "heart_rate": pulse.read,
    "cardio_load": daily.cardio_load,
    "physical_info": daily.physical_info,
    "body_temperature": elixir.body_temperature,
    "skin_temperature": elixir.skin_temperature,
    "spo2": elixir.spo2,
    "ecg": elixir.ecg,
    "alertness": elixir.alertness,
    "circadian_bedtime": nothing,
}
COVERAGE: Final = Coverage(
    series=tuple(dict.fromkeys([*exercise.SERIES, *night.SERIES, *daily.SERIES, *elixir.SERIES, *pulse.SERIES])),
    workout_types=WORKOUT_TYPES,
    sleep=True,
    scores=(*night.SCORES, *elixir.SCORES),
)
LISTS: Final = ("heart_rates",)  # what a range of continuous heart rate is wrapped in


def normalise(body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield an object, or a list of them. Raises AnomalousPayload."""
    reading = READINGS.get(context.kind)
    if reading is None:
        raise AnomalousPayload("No document of Polar has this name.")
    for item in items(_rows(read_json(body), context.kind), context.kind, context):
        if isinstance(item, Rejected):
            yield item
            continue
        yield from reading(item)
        yield from item.refused


def _rows(document: Any, kind: str) -> list[Any]:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise AnomalousPayload(f"Neither a list nor an object of {kind}.")
    for name in LISTS:
        if isinstance(document.get(name), list):
            return list(document[name])
    return [document]
