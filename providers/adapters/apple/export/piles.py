"""The samples of a slice, gathered by source and series as they come, for the store takes them in columns."""

from array import array
from collections.abc import Iterator
from typing import Final

from healthdata.records import NO_ZONE, Sample, SampleColumns, SourceInfo

_MAX_PILES: Final = 10_000
Row = tuple[int, float, int, int]  # start ms, value, duration ms, zone minutes or NO_ZONE


class SamplePiles:
    """Rows by source and series. Rows may be added to a pile at any time."""

    def __init__(self) -> None:
        self._piles: dict[tuple[SourceInfo, str], list[Row]] = {}

    def of(self, source: SourceInfo, series: str) -> list[Row]:
        """Return the pile, the same list at every call."""
        return self._piles.setdefault((source, series), [])

    def add(self, sample: Sample) -> None:
        """Put in a sample that was made by itself."""
        zone = NO_ZONE if sample.zone is None else sample.zone
        self.of(sample.source, sample.series).append((sample.start, sample.value, sample.duration or 0, zone))

    def __len__(self) -> int:
        return sum(map(len, self._piles.values()))

    def forget(self) -> None:
        """Begin again where there are too many piles; references to old ones must be dropped, too."""
        self._piles.clear()

    def are_many(self) -> bool:
        """More than an honest export has: somebody makes up devices."""
        return len(self._piles) > _MAX_PILES

    def take(self) -> Iterator[SampleColumns]:
        """Yield all that is there, in columns; the piles stay and are empty."""
        for (source, series), rows in self._piles.items():
            if rows:
                starts, values, durations, zones = zip(*rows, strict=True)
                rows.clear()
                yield SampleColumns(
                    source, series, array("q", starts), array("d", values), array("q", durations), array("h", zones)
                )
