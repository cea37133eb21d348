"""data.sleep: one stage each, and the night's score where the platform repeats it on every stage."""

from collections.abc import Iterable, Iterator
from typing import Final

from healthdata.records import Record, Rejected, Score, SleepStage, SourceInfo
from healthdata.sleep import stage_name
from providers.contract import Context
from providers.phone.bounds import Span, span
from providers.phone.dialect import Dialect
from providers.phone.records import item_id
from providers.phone.sources import Sources
from providers.phone.wire import SleepItem, Value

COLLECTION: Final = "sleep"
Night = tuple[str, str]  # category, the night's id


class SleepNormaliser:
    """Turns stages of one dialect into stage rows; a night's score comes out once, after the stages."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def normalise(
        self, numbered: Iterable[tuple[int, SleepItem]], sources: Sources, context: Context
    ) -> Iterator[Record | Rejected]:
        """Stages in the order of the payload, then scores."""
        nights: dict[Night, tuple[Span, SourceInfo, float]] = {}
        for index, item in numbered:
            when = span(item, COLLECTION, index, context)
            if isinstance(when, Rejected):
                yield when
                continue
            stage = stage_name(str(item.stage), self._dialect.provider)
            if stage is None:
                yield Rejected(COLLECTION, index, "stage", "unknown_stage")
                continue
            source = sources[bytes(item.source)]
            identity = item_id(item.id) if self._dialect.record_ids else None
            yield SleepStage(source, when.start, when.end, stage, when.zone, None, identity)
            yield from self._note_scores(nights, index, item, when, source)
        for (category, night), (when, source, score) in nights.items():
            day = context.zones.day_of(when.end, when.zone)
            yield Score(source, day, category, score, 0.0, 100.0, when.zone, item_id(night))

    def _note_scores(
        self,
        nights: dict[Night, tuple[Span, SourceInfo, float]],
        index: int,
        item: SleepItem,
        when: Span,
        source: SourceInfo,
    ) -> Iterator[Rejected]:
        """Keep each score with the row of its night that ends last: the day of waking is the score's day."""
        for figure in item.values or ():
            category = self._category(figure)
            if category is None:
                continue
            if not 0 <= figure.value <= 100:
                yield Rejected(COLLECTION, index, "values", "out_of_range")
                continue
            night = (category, item.parent_id or item.id or "")
            if night not in nights or nights[night][0].end <= when.end:
                nights[night] = (when, source, figure.value)

    def _category(self, figure: Value) -> str | None:
        return self._dialect.scores.get(figure.type.lower())
