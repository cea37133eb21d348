"""The inputs of recovery, strain and readiness of some days: a query a table, whatever the number of days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from healthdata.merge.preferences import Priority, SourceCandidate
from healthdata.models import DailyValue, DayFigure, HealthScore, HeartDay, SleepSession, Source, Stream
from healthdata.nights import nights_by_day
from healthdata.scores.baseline import BASELINE_DAYS
from healthdata.scores.readiness import USUAL_DAYS
from healthdata.scores.result import PROVIDER
from healthdata.scores.strain import MAXIMUM_DAYS

RESTING: Final = "resting_heart_rate_bpm"
#: RMSSD first: it is what a night is judged by where a device tells both.
HRV: Final[Mapping[str, str]] = {
    "heart_rate_variability_rmssd": "avg_hrv_rmssd_ms",
    "heart_rate_variability_sdnn": "avg_hrv_sdnn_ms",
}
PLAUSIBLE_MS: Final = (10.0, 250.0)  # beyond, an artefact of the beat detection


class Measure(NamedTuple):
    """A value, and what it may be compared with: the same measure of the same provider."""

    kind: tuple[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class ScoreInputs:
    """The inputs by local day; heart from MAXIMUM_DAYS, hrv and resting from BASELINE_DAYS before the first day on."""

    hrv: Mapping[date, Measure]
    resting: Mapping[date, Measure]
    sleep: Mapping[date, int]
    heart: Mapping[date, HeartDay]

    @property
    def days(self) -> set[date]:
        """The days for which there is any input."""
        return {*self.hrv, *self.resting, *self.sleep, *self.heart}


def load(user_key: int, priority: Priority, *, first: date, last: date) -> ScoreInputs:
    """Return the inputs of the scores of first..last. Six queries, and two more where vendors tell HRV by the date."""
    providers = dict(Source.objects.filter(user_key=user_key).values_list("id", "provider"))
    # the strain of USUAL_DAYS before the first day is needed for its readiness, and each of these has a baseline
    begin = first - timedelta(days=BASELINE_DAYS + USUAL_DAYS)
    return ScoreInputs(
        hrv=_hrv(user_key, priority, begin, last),
        resting=_resting(user_key, providers, begin, last),
        sleep=_sleep(user_key, first, last),
        heart={
            row.day: row
            for row in HeartDay.objects.filter(
                user_key=user_key, day__range=(first - timedelta(days=MAXIMUM_DAYS + USUAL_DAYS), last)
            )
        },
    )


def _hrv(user_key: int, priority: Priority, first: date, last: date) -> dict[date, Measure]:
    """HRV of the nights; the vendor's own figure of the date where a night has no readings."""
    sessions = SleepSession.objects.filter(
        user_key=user_key, day__range=(first, last), is_nap=False, same_as=None, is_left_out=False
    )
    found = _daily_hrv(user_key, priority, first, last)
    rows = sessions.select_related("source").defer("stages").order_by("day", "start", "key")
    for day, night in nights_by_day(rows).items():
        whole = night.whole
        for series, name in HRV.items():
            value = getattr(whole, name)
            if value is not None and _is_plausible(value):
                found[day] = Measure((series, night.longest.source.provider), value)
                break
    return found


def _daily_hrv(user_key: int, priority: Priority, first: date, last: date) -> dict[date, Measure]:
    streams = Stream.objects.filter(user_key=user_key, series__in=HRV, grain=Stream.Grain.DAILY).select_related(
        "source"
    )
    by_id = {stream.id: stream for stream in streams if not stream.source.is_hidden}
    if not by_id:
        return {}
    order = sorted(by_id.values(), key=lambda stream: (list(HRV).index(stream.series), _rank(stream, priority)))
    place = {stream.id: number for number, stream in enumerate(order)}
    rows = DailyValue.objects.filter(user_key=user_key, stream_id__in=by_id, day__range=(first, last))
    found: dict[date, tuple[int, float]] = {}
    for stream, day, value in rows.values_list("stream_id", "day", "value"):
        known = found.get(day)
        if _is_plausible(value) and (known is None or place[stream] < known[0]):
            found[day] = place[stream], value
    return {
        day: Measure((order[number].series, order[number].source.provider), value)
        for day, (number, value) in found.items()
    }


def _rank(stream: Stream, priority: Priority) -> tuple[int, ...]:
    source = stream.source
    candidate = SourceCandidate(source.id, source.provider, source.device_type or None, uid=str(source.uid))
    return (*priority.rank(candidate, stream.series), source.id)


def _is_plausible(value: float) -> bool:
    low, high = PLAUSIBLE_MS
    return low <= value <= high


def _resting(user_key: int, providers: Mapping[int, str], first: date, last: date) -> dict[date, Measure]:
    rows = DayFigure.objects.filter(user_key=user_key, metric=RESTING, day__range=(first, last))
    found: Sequence[tuple[date, float, list[int]]] = list(rows.values_list("day", "value", "sources"))
    return {
        day: Measure((RESTING, providers.get(sources[0], "") if sources else ""), value)
        for day, value, sources in found
    }


def _sleep(user_key: int, first: date, last: date) -> dict[date, int]:
    rows = HealthScore.objects.filter(
        user_key=user_key, provider=PROVIDER, category="sleep", day__range=(first, last), score__isnull=False
    )
    return {day: round(score) for day, score in rows.values_list("day", "score") if score is not None}
