"""Samples as members of an export: a file a series, stream after stream, each by time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple

from accounts.end_users import zones as user_zones
from accounts.exports.contract import ArchiveMember, Block, ExportFormat, ExportScope, ExportWeight
from healthdata.days import ZoneHistory
from healthdata.exports.lines import CSV_LINES, JSON_LINES, LineFormat, LineStream, LineWriter
from healthdata.models import Source, Stream
from healthdata.models.series import HOUR_MS
from healthdata.queries import walk
from healthdata.queries.daily import midnight

MAX_LINES: Final = 5_000_000  # of a file; a longer series has one a year, so that no file is begun again after long
FOLDER: Final = "samples"
_FORMATS: Final[dict[ExportFormat, LineFormat]] = {ExportFormat.NDJSON: JSON_LINES, ExportFormat.CSV: CSV_LINES}


class SampleSpan(NamedTuple):
    """The half-open interval [start, stop) in ms."""

    start: int
    stop: int


EVER: Final = SampleSpan((walk.ALWAYS[0] + 48) * HOUR_MS, walk.ALWAYS[1] * HOUR_MS)


@dataclass(frozen=True, slots=True)
class ExportedStream:
    """One stream, the source whose it is, and the one under whose name the API shows it."""

    row: Stream
    source: Source
    shown: Source

    @property
    def lines(self) -> LineStream:
        return LineStream(
            self.row.series,
            self.row.key48,
            self.shown.provider,
            self.shown.device,
            is_daily=self.row.grain == Stream.Grain.DAILY,
        )

    @property
    def facts(self) -> dict[str, Any]:
        """The manifest's facts: the beginning of the lines' ids, and the source that they are of."""
        text = f"{self.row.key48:012x}"
        grain = Stream.Grain(self.row.grain).name.lower()
        return {"ids_begin": f"{text[:8]}-{text[8:]}", "source_id": str(self.source.uid), "grain": grain}


def members(scope: ExportScope) -> Iterator[ArchiveMember]:
    """Yield one member a series, in the order of their codes; hidden sources' samples too, as they are
    the end user's.
    """
    by_series: dict[str, list[ExportedStream]] = {}
    for stream in _streams(scope):
        by_series.setdefault(stream.row.series, []).append(stream)
    span = span_of(scope)
    for series in sorted(by_series):
        for suffix, part in _files(scope.user_key, series, span):
            yield _member(scope, f"{FOLDER}/{series}{suffix}", by_series[series], part)


def weight(scope: ExportScope) -> ExportWeight:
    """Return how many samples there are, about."""
    span = span_of(scope)
    series = None if scope.series is None else sorted(scope.series)
    return ExportWeight(walk.stored(scope.user_key, series, span.start, span.stop))


def span_of(scope: ExportScope) -> SampleSpan:
    """Return the instants of the scope's local days."""
    zones = ZoneHistory(user_zones.history(scope.user_key))
    start = EVER.start if scope.first is None else zones.bounds(scope.first)[0]
    return SampleSpan(start, EVER.stop if scope.last is None else zones.bounds(scope.last)[1])


def _streams(scope: ExportScope) -> Iterator[ExportedStream]:
    sources = {source.id: source for source in Source.objects.filter(user_key=scope.user_key)}
    rows = Stream.objects.filter(user_key=scope.user_key).order_by("series", "id")
    for row in rows if scope.series is None else rows.filter(series__in=scope.series):
        source = sources[row.source_id]
        yield ExportedStream(row, source, sources.get(source.merged_into or source.id, source))


def _files(user_key: int, series: str, span: SampleSpan) -> Iterable[tuple[str, SampleSpan]]:
    """Yield the name of each file and, and which stretch of time each holds."""
    if walk.stored(user_key, [series], span.start, span.stop) <= MAX_LINES:
        yield "", span
        return
    first, last = walk.years_of(user_key, series)
    for year in range(first, last + 1):
        start, stop = (int(datetime(at, 1, 1, tzinfo=UTC).timestamp()) * 1000 for at in (year, year + 1))
        inside = SampleSpan(max(start, span.start), min(stop, span.stop))
        if inside.start < inside.stop:
            yield f"-{year}", inside


def _member(scope: ExportScope, path: str, streams: Sequence[ExportedStream], span: SampleSpan) -> ArchiveMember:
    form = _FORMATS[scope.format]
    facts = {"streams": [stream.facts for stream in streams]}
    return ArchiveMember(f"{path}.{form.suffix}", partial(_blocks, scope, form, streams, span), facts)


def _blocks(
    scope: ExportScope, form: LineFormat, streams: Sequence[ExportedStream], span: SampleSpan
) -> Iterator[Block]:
    if form.header:
        yield Block(0, form.header)
    zones = ZoneHistory(user_zones.history(scope.user_key))
    for stream in streams:
        writer = LineWriter(stream.lines, form)
        if stream.row.grain == Stream.Grain.DAILY:
            yield from _daily_blocks(writer, stream.row, span, zones)
        else:
            found = walk.chunks_of(scope.user_key, stream.row.id, stream.row.span, span.start, span.stop)
            for chunk in found:
                yield Block(*writer.chunk(chunk, span.start, span.stop))


def _daily_blocks(writer: LineWriter, row: Stream, span: SampleSpan, zones: ZoneHistory) -> Iterator[Block]:
    """Yield a vendor's figures, whose times are their local midnights."""
    for day, value, zone in walk.daily_values_of(row.user_key, row.id):
        at = midnight(day, zone, zones)
        if span.start <= at < span.stop:
            yield Block(1, writer.daily(at, value, zone))
