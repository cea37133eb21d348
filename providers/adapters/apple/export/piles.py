"""The samples of a slice, gathered by source and series, for the store takes them in columns."""

from array import array

from healthdata.records import NO_ZONE, Sample, SampleColumns, SourceInfo


class SamplePiles:
    """One SampleColumns by source and series, which grows."""

    def __init__(self) -> None:
        self._piles: dict[tuple[SourceInfo, str], SampleColumns] = {}

    def add(self, sample: Sample) -> None:
        """Put in a sample that was made by itself."""
        pile = self._of(sample.source, sample.series)
        pile.starts.append(sample.start)
        pile.values.append(sample.value)
        pile.durations.append(sample.duration or 0)
        pile.zones.append(NO_ZONE if sample.zone is None else sample.zone)

    def extend(self, columns: SampleColumns) -> None:
        """Put in samples that lie in columns."""
        pile = self._of(columns.source, columns.series)
        pile.starts.extend(columns.starts)
        pile.values.extend(columns.values)
        pile.durations.extend(columns.durations)
        pile.zones.extend(columns.zones)

    def __len__(self) -> int:
        return sum(map(len, self._piles.values()))

    def take(self) -> list[SampleColumns]:
        """Return all that is there, and begin anew."""
        taken = list(self._piles.values())
        self._piles = {}
        return taken

    def _of(self, source: SourceInfo, series: str) -> SampleColumns:
        found = self._piles.get((source, series))
        if found is None:
            found = SampleColumns(source, series, array("q"), array("d"), array("q"), array("h"))
            self._piles[source, series] = found
        return found
