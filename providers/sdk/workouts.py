"""data.workouts: one session each, with its figures, and the samples taken within it."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

import msgspec

from healthdata.catalogue import OTHER, workout_type
from healthdata.records import Record, Rejected, Sample, WorkoutRecord
from providers.contract import Context
from providers.contract.bounds import ItemSpan, span
from providers.sdk import figures, tracks
from providers.sdk.dialect import Dialect
from providers.sdk.figures import WorkoutFigure
from providers.sdk.reader import ItemReader
from providers.sdk.records import item_id
from providers.sdk.sources import SdkSources
from providers.sdk.tracks import COLLECTION, Track
from providers.sdk.wire import Value, WorkoutItem

_VALUE: Final = ItemReader(Value, {"type": "unknown_type", "value": "not_a_number"}, {"unit": "unknown_unit"})
#: what a place tells about a type that leaves it open
_REFINED: Final = {
    ("swimming", "pool"): "pool_swimming",
    ("swimming", "open_water"): "open_water_swimming",
    ("running", "indoor"): "treadmill_running",
    ("cycling", "indoor"): "indoor_cycling",
}
_TITLE, _NOTES = 500, 10_000
Part = TypeVar("Part")


class SdkWorkoutNormaliser:
    """Turns sessions of one dialect into a Workout each, and their points and closing figures into samples."""

    def __init__(self, dialect: Dialect) -> None:
        self._provider = dialect.provider

    def normalise(
        self, numbered: Iterable[tuple[int, WorkoutItem]], sources: SdkSources, context: Context
    ) -> Iterator[Record | Rejected]:
        """Yield for each session its refused parts, the workout, and its samples."""
        for index, item in numbered:
            when = span(item, COLLECTION, index, context)
            if isinstance(when, Rejected):
                yield when
            else:
                yield from self._workout(index, item, when, sources, context)

    def _workout(
        self, index: int, item: WorkoutItem, when: ItemSpan, sources: SdkSources, context: Context
    ) -> Iterator[Record | Rejected]:
        code, known = workout_type(str(item.type), self._provider)
        collector = FigureCollector(self._provider, index, when)
        yield from collector.read(item.values or ())
        code = refine(code, collector.details)
        track = Track(index, sources[bytes(item.source)], code, when.zone, context, self._provider)
        laps: list[tracks.Entry] = []
        segments: list[tracks.Entry] = []
        yield from _sort(tracks.laps(item.laps or [], track), laps)
        yield from _sort(tracks.segments(item.segments or [], track), segments)
        yield WorkoutRecord(
            source=track.source,
            type=code,
            start=when.start,
            end=when.end,
            zone=when.zone,
            external_id=item_id(item.id),
            original_type=None if known or code != OTHER else str(item.type).strip()[:100] or None,
            title=_text(item.title, _TITLE),
            notes=_text(item.notes, _NOTES),
            details=collector.details,
            laps=laps,
            segments=segments,
            **collector.fields,
        )
        for series, value in collector.closing.items():
            yield Sample(track.source, series, when.end, value, None, when.zone)
        yield from tracks.readings(item.samples or [], track)
        yield from tracks.route(item.route or [], track)


class FigureCollector:
    """The figures of one workout: fields of the Workout, details, and series sampled at its end."""

    def __init__(self, provider: str, index: int, when: ItemSpan) -> None:
        self._provider = provider
        self._index = index
        self._wall = when.end - when.start
        self.fields: dict[str, Any] = {}
        self.details: dict[str, float | str | bool] = {}
        self.closing: dict[str, float] = {}

    def read(self, values: Iterable[msgspec.Raw]) -> Iterator[Rejected]:
        """Take in values[]; yields those that cannot be taken. Unknown figures are ignored."""
        total: float | None = None
        for number, raw in enumerate(values):
            entry = _VALUE.read(raw, COLLECTION, self._index, f"values[{number}].")
            if isinstance(entry, Rejected):
                yield entry
                continue
            figure = figures.figure_of(entry.type)
            if figure is None:
                continue
            value = figures.read(figure, entry.value, entry.unit, self._provider, self._wall)
            if isinstance(value, str):
                field = "unit" if value.startswith("unknown_unit") else "value"
                yield Rejected(COLLECTION, self._index, f"values[{number}].{field}", value)
            elif figure is figures.TOTAL_ENERGY:
                total = value
            else:
                self._put(figure, value)
        if total is not None:
            self._put_total(total)

    def _put_total(self, total: float) -> None:
        """Store active plus basal energy: it gives the missing one of the two, and never counts as active itself."""
        active, basal = self.fields.get("calories_kcal"), self.fields.get("basal_calories_kcal")
        self.details["total_calories_kcal"] = total
        if active is None and basal is not None:
            self.fields["calories_kcal"] = max(total - basal, 0.0)
        elif active is not None and basal is None and total > active:
            self.fields["basal_calories_kcal"] = total - active

    def _put(self, figure: WorkoutFigure, value: float) -> None:
        if figure.field is not None:
            self.fields[figure.field] = value
        elif figure.series is not None:
            self.closing[figure.series] = value
        elif figure.detail is not None and (detail := figures.detail_value(figure, value)) is not None:
            self.details[figure.detail] = detail


def refine(code: str, details: dict[str, float | str | bool]) -> str:
    """Return the more exact type that the place of a swim, run or ride tells."""
    place = "indoor" if details.get("indoor") is True else ""
    return _REFINED.get((code, str(details.get("swimming_location", place))), code)


def _sort(parts: Iterable[Part | Rejected], good: list[Part]) -> Iterator[Rejected]:
    for part in parts:
        if isinstance(part, Rejected):
            yield part
        else:
            good.append(part)


def _text(text: str | None, longest: int) -> str | None:
    return (text or "").strip()[:longest] or None
