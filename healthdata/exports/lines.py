"""Samples as lines of text: the objects of GET /timeseries, and the same as rows of CSV.

An export has millions of them. What the lines of a stream have in common is made once, and a line by one expression;
a dict and an encoder would take twice as long (`make bench`, exports). A test holds the lines against
healthdata.serializers.sample.
"""

import csv
import io
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final, Protocol

from healthdata import serializers
from healthdata.catalogue import SERIES, SameStart
from healthdata.models.series import HOUR_MS
from healthdata.queries.chunks import Chunk
from healthdata.queries.rows import ordinal_of, sample_ids
from healthdata.serializers import VALUE_DIGITS
from wearlink.lib.api.rendering import dumps
from wearlink.lib.clock import rfc3339

CSV_COLUMNS: Final = (
    "id", "timestamp", "series_type", "value", "unit", "zone_offset", "duration_seconds", "grain", "provider", "device",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class LineStream:
    """The attributes that all lines of one stream share."""

    series: str
    key48: int
    provider: str
    device: str | None
    is_daily: bool = False

    def grain(self, duration: int | None) -> str:
        """Return the same as SampleRow.grain."""
        return "daily" if self.is_daily else "instant" if duration is None else "interval"


class LineFormat(Protocol):
    """The format of a line, in parts: opening, id, after_id, time, middle, value, end."""

    suffix: str
    header: bytes  # the first line of a member
    opening: str
    after_id: str

    def middle(self, series: str) -> str:
        """Return the text between the time and the value."""

    def end(self, stream: LineStream, zone: int | None, duration: int | None) -> str:
        """Return the text between the value and the end of the line; zone in minutes, duration in ms."""


class JsonLines:
    """One JSON object a line."""

    suffix = "ndjson"
    header = b""
    opening = '{"id":"'
    after_id = '","timestamp":"'

    def middle(self, series: str) -> str:
        return f'","series_type":"{series}","value":'

    def end(self, stream: LineStream, zone: int | None, duration: int | None) -> str:
        rest = {
            "unit": SERIES[stream.series].unit,
            "zone_offset": serializers.zone_offset(zone),
            "duration_seconds": None if duration is None else duration / 1000,
            "grain": stream.grain(duration),
            "source": {"provider": stream.provider, "device": stream.device},
        }
        return f",{dumps(rest).decode()[1:]}\n"


class CsvLines:
    """Rows of CSV under CSV_COLUMNS; what is unknown is empty."""

    suffix = "csv"
    header = f"{','.join(CSV_COLUMNS)}\n".encode()
    opening = ""
    after_id = ","

    def middle(self, series: str) -> str:
        return f",{series},"

    def end(self, stream: LineStream, zone: int | None, duration: int | None) -> str:
        text = io.StringIO()
        length = None if duration is None else duration / 1000
        rest = (SERIES[stream.series].unit, serializers.zone_offset(zone), length, stream.grain(duration))
        csv.writer(text, lineterminator="\n").writerow(("", *rest, stream.provider, _harmless(stream.device)))
        return text.getvalue()


JSON_LINES: Final[LineFormat] = JsonLines()
CSV_LINES: Final[LineFormat] = CsvLines()


def _harmless(device: str | None) -> str:
    """Quote texts that a spreadsheet would compute, and a device's name is whatever somebody typed in."""
    return f"'{device}" if device and device.startswith(_FORMULA) else device or ""


@dataclass(slots=True)
class LineWriter:
    """Writes the samples of one stream."""

    stream: LineStream
    format: LineFormat
    _ends: dict[tuple[int | None, int | None], str] = field(default_factory=dict)

    def chunk(self, chunk: Chunk, start: int, stop: int) -> tuple[int, bytes]:
        """Return how many samples of a chunk lie in [start, stop) ms, and their lines."""
        base = chunk.hour * HOUR_MS
        first = bisect_left(chunk.offsets, start - base)
        last = bisect_left(chunk.offsets, stop - base, first)
        moments = [base + offset for offset in chunk.offsets[first:last]]
        return last - first, self._lines(moments, chunk.vals[first:last], self._ends_of(chunk, first, last))

    def daily(self, at: int, value: float, zone: int | None) -> bytes:
        """Return the line of a vendor's own figure, whose time is its local midnight (ms)."""
        return self._lines([at], [value], [self._end(zone, None)])

    def _lines(self, moments: Sequence[int], values: Sequence[float], ends: Iterable[str]) -> bytes:
        opening, after_id = self.format.opening, self.format.after_id
        middle = self.format.middle(self.stream.series)
        ids = sample_ids(self.stream.key48, moments, self._ordinals(values))
        lines = [
            f"{opening}{name}{after_id}{rfc3339(at)}{middle}{round(value, VALUE_DIGITS)!r}{end}"
            for name, at, value, end in zip(ids, moments, values, ends)  # noqa: B905 - ends may be a repeat()
        ]
        return "".join(lines).encode()

    def _ordinals(self, values: Sequence[float]) -> Iterable[int]:
        """Return 0, but for series where two values of one instant both stay; asked once, as most series are none."""
        series = self.stream.series
        if self.stream.is_daily or SERIES[series].same_start is not SameStart.KEEP:
            return repeat(0)
        return [ordinal_of(series, value) for value in values]

    def _ends_of(self, chunk: Chunk, first: int, last: int) -> Iterable[str]:
        if chunk.durations is None and chunk.zones is None:
            return repeat(self._end(chunk.zone, None))
        durations = repeat(0) if chunk.durations is None else chunk.durations[first:last]
        zones = [chunk.zone_at(at) for at in range(first, last)]
        return [self._end(zone, duration or None) for zone, duration in zip(zones, durations)]  # noqa: B905

    def _end(self, zone: int | None, duration: int | None) -> str:
        """Return the end of a line. Ends are remembered: a stream has few, unless its amounts differ in length."""
        known = self._ends.get((zone, duration))
        if known is None:
            if len(self._ends) >= 10_000:
                self._ends.clear()
            known = self._ends[zone, duration] = self.format.end(self.stream, zone, duration)
        return known
