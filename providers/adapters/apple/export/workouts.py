"""Workout elements: the session with its totals, pauses and laps, and its route as samples."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.catalogue import OTHER, workout_type
from healthdata.records import Record, Rejected, WorkoutRecord
from healthdata.units import UnknownUnit, acceptable, plan
from providers.adapters.apple.export import figures as figures_of
from providers.adapters.apple.export.dates import NotADate, moment
from providers.adapters.apple.export.devices import ExportSources
from providers.adapters.apple.export.parser import ENTERED, TIME_ZONE, Attributes, RawWorkout
from providers.adapters.apple.export.records import ElementDates, ExportDates
from providers.adapters.apple.normalise import DIALECT
from providers.sdk import figures
from providers.sdk.workouts import refine
from wearlink.lib.clock import rfc3339

COLLECTION: Final = "workouts"
_EVENT: Final = "HKWorkoutEventType"
_MAX_LENGTH: Final = 500


class ExportWorkoutNormaliser:
    """Turns a workout into a Workout and what of it was refused."""

    def __init__(self, sources: ExportSources, clock: ExportDates) -> None:
        self._sources = sources
        self._clock = clock

    def normalise(self, raw: RawWorkout, index: int) -> Iterator[Record | Rejected]:
        """Yield what was refused, then the workout; nothing but a Rejected if its type or dates cannot be read."""
        attributes = raw.attributes
        when = self._clock.span(attributes, raw.metadata.get(TIME_ZONE), index, COLLECTION)
        if isinstance(when, Rejected):
            yield when
            return
        kind = attributes.get("workoutActivityType")
        if not kind:
            yield Rejected(COLLECTION, index, "workoutActivityType", "missing_field")
            return
        collector = _FigureCollector(when, index)
        for reading in figures_of.readings(raw):
            if (refused := collector.put(reading)) is not None:
                yield refused
        code, known = workout_type(kind, DIALECT.provider)
        yield WorkoutRecord(
            source=self._sources.of(attributes, entered=raw.metadata.get(ENTERED)),
            type=refine(code, collector.details),
            start=when.start,
            end=when.end,
            zone=when.zone,
            original_type=None if known or code != OTHER else kind[:100],
            title=raw.metadata.get("HKWorkoutBrandName", "").strip()[:_MAX_LENGTH] or None,
            details=collector.details,
            laps=list(_laps(raw.events)),
            segments=list(_segments(raw.events)),
            **collector.fields,
        )


class _FigureCollector:
    """The figures of one workout. Distances of several kinds are parts of one way, so they are added up."""

    def __init__(self, when: ElementDates, index: int) -> None:
        self._wall = when.end - when.start
        self._index = index
        self.fields: dict[str, Any] = {}
        self.details: dict[str, float | str | bool] = {}

    def put(self, reading: figures_of.FigureValue) -> Rejected | None:
        """Take one figure in; an earlier one of the same name stays, since the better source comes first."""
        figure = figures.figure_of(reading.name)
        if figure is None:
            return None
        try:
            number = float(reading.value)
        except ValueError:
            return Rejected(COLLECTION, self._index, reading.field, "not_a_number")
        value = figures.read(figure, number, reading.unit, DIALECT.provider, self._wall)
        if isinstance(value, str):
            return Rejected(COLLECTION, self._index, reading.field, value)
        if figure.field is not None:
            if reading.adds:
                value += self.fields.get(figure.field, 0.0)
                self.fields[figure.field] = value
            else:
                self.fields.setdefault(figure.field, value)
        elif figure.detail is not None and (detail := figures.detail_value(figure, value)) is not None:
            self.details.setdefault(figure.detail, detail)
        return None


def _laps(events: list[Attributes]) -> Iterator[dict[str, object]]:
    for event in events:
        if event.get("type") == f"{_EVENT}Lap" and (times := _times(event)) is not None:
            yield {**times, "distance_meters": None}


def _segments(events: list[Attributes]) -> Iterator[dict[str, object]]:
    """Segments as they are marked, and pauses from each pause to what resumes it."""
    paused: int | None = None
    for event in events:
        kind = event.get("type", "").removeprefix(_EVENT)
        if kind == "Segment" and (times := _times(event)) is not None:
            yield {**times, "type": "segment", "repetitions": None}
        elif kind in ("Pause", "MotionPaused") and paused is None:
            paused = _at(event)
        elif kind in ("Resume", "MotionResumed") and paused is not None:
            resumed, begun, paused = _at(event), paused, None
            if resumed is not None and resumed > begun:
                span = {"start_time": rfc3339(begun), "end_time": rfc3339(resumed)}
                yield {**span, "type": "pause", "repetitions": None}


def _times(event: Attributes) -> dict[str, object] | None:
    """Start and end of an event that lasts."""
    start = _at(event)
    if start is None:
        return None
    length = _length_ms(event.get("duration"), event.get("durationUnit"))
    return {"start_time": rfc3339(start), "end_time": rfc3339(start + length)}


def _at(event: Attributes) -> int | None:
    try:
        return moment(event.get("date", ""))
    except NotADate:
        return None


def _length_ms(text: str | None, unit: str | None) -> int:
    try:
        seconds = plan(unit or "min", "handwashing_seconds", DIALECT.provider).apply(float(text or 0))
    except (ValueError, UnknownUnit):
        return 0
    return round(seconds * 1000) if acceptable("handwashing_seconds", seconds) is None else 0
