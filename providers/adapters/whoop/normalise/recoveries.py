"""recovery: figures of the morning. It has neither an id nor a date: both are its sleep's."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from healthdata.records import DailyRecord, Record, Rejected, Score
from providers.adapters.whoop.collections import recovery_id
from providers.adapters.whoop.normalise.source import BAND, WakeUp, local_day, score_of, sleeps_of, wake_up
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem, items

FIGURES: Final = {
    "resting_heart_rate": "resting_heart_rate",
    "hrv_rmssd_milli": "heart_rate_variability_rmssd",  # milliseconds already
    "spo2_percentage": "spo2",
    "skin_temp_celsius": "skin_temperature",
}
SERIES: Final = tuple(FIGURES.values())
SCORE: Final = "recovery_score"


def read(rows: list[Any], document: Mapping[str, Any], context: Context) -> Iterator[Record | Rejected | Retraction]:
    sleeps = dict(sleeps_of(document, context))
    for item in items(rows, "recovery", context):
        if isinstance(item, Rejected):
            yield item
            continue
        sleep_id = item.identity("sleep_id")
        if sleep_id is not None:
            # created_at says when WHOOP was done, in UTC: it replaces a sleep that is not known
            ended = wake_up(sleeps.get(sleep_id)) or item.instant("created_at")
            if ended is None:
                item.refuse("created_at", "missing_field")
            else:
                yield from _recovery(item, recovery_id(sleep_id), ended)
        yield from item.refused


def _recovery(item: JsonItem, name: str, ended: WakeUp) -> Iterator[Record | Retraction]:
    (at, zone), score = ended, score_of(item)
    day = local_day(at, zone, item.context)
    yield Retraction(name)
    if score is None:
        return
    for field, series in FIGURES.items():
        if value := score.measure(field, series):
            yield DailyRecord(BAND, series, day, value, zone, f"{name}#{series}")
    figure = score.number(SCORE)
    if figure is not None and not 0 <= figure <= 100:
        score.refuse(SCORE, "out_of_range")
    elif figure is not None:
        calibrating: dict[str, float | None] = {"user_calibrating": 1.0} if score.flag("user_calibrating") else {}
        yield Score(BAND, day, "recovery", figure, 0, 100, zone, name, None, calibrating)
