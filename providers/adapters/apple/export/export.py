"""An export as slices of records that can be stored one after the other, and gone on with after any of them."""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter, itemgetter
from typing import IO, Final

from healthdata.records import Record, Rejected, Sample, WorkoutRecord
from providers.adapters.apple.export import archive, routes, summaries
from providers.adapters.apple.export.archive import Bounds
from providers.adapters.apple.export.bytefilter import filtered
from providers.adapters.apple.export.devices import ExportSources
from providers.adapters.apple.export.parser import Attributes, ElementReader, RawSummary, RawWorkout, Run
from providers.adapters.apple.export.piles import SamplePiles
from providers.adapters.apple.export.records import ExportDates, ExportRecordNormaliser
from providers.adapters.apple.export.texts import RecordTexts, TextPiles
from providers.adapters.apple.export.workouts import ExportWorkoutNormaliser
from providers.contract import Context, FileImport, OpenedFile, RecordSlice
from wearlink.lib.work.ahead import made_ahead

SLICE_RECORDS: Final = 25_000
OBJECT_WEIGHS: Final = 5  # samples, a stage or workout: nights are put together in memory, samples are numbers
MAX_POINTS: Final = 200_000  # of one workout: two days, one a second
MAX_SLICE_BYTES: Final = (
    32 * 1024 * 1024
)  # of XML, which usually holds three times SLICE_RECORDS: for texts without end
FEW: Final = 50  # records that are looked at one by one if anything is wrong with one of them
_RECORD: Final = b"<Record "
_POINT_BYTES: Final = 250  # of a point in a route file
_POINT_SAMPLES: Final = 3


class AppleExport:
    """One file. Raises RefusedFile if it is no export, or one that must not be read."""

    def __init__(self, file: IO[bytes], bounds: Bounds) -> None:
        self._container = archive.open_container(file, bounds)
        self._bytes = 0
        self.expected_samples = 0

    def check(self, *, count_to: int = 0) -> Iterator[int]:
        """Unpack and filter the whole file once, as a judgment on it; gives the bytes so far. Raises RefusedFile.

        `expected` says afterwards about how many samples there are; once it is above `count_to` counting ends.
        """
        self.expected_samples = self._container.route_bytes // _POINT_BYTES * _POINT_SAMPLES
        before = b""
        for block in filtered(self._counted()):
            if self.expected_samples <= count_to:
                border = before + block[: len(_RECORD) - 1]
                self.expected_samples += block.count(_RECORD) + border.count(_RECORD)
                before = border[1 - len(_RECORD) :] if len(block) < len(_RECORD) else block[1 - len(_RECORD) :]
            yield self._bytes

    def slices(
        self, context: Context, *, skip: int = 0, ahead: int = 0, size: int = SLICE_RECORDS
    ) -> Iterator[RecordSlice]:
        """Yield slices of about `size` samples, or fewer of other records or long texts, from the element after `skip`
        on. The last one has the faults.

        While it skips, it gives slices without records now and then, so that the caller can see it is alive.
        """
        reader = _SliceReader(self._container, context)
        blocks = filtered(self._counted())
        elements = ElementReader(made_ahead(blocks, ahead) if ahead else blocks, skip)
        current, begun = RecordSlice([], [], skip, 0), 0
        for runs in elements.batches():
            reader.add(runs, current)
            current.bytes_read = self._bytes
            if reader.waiting(current) >= size or self._bytes - begun > MAX_SLICE_BYTES or not runs:
                yield reader.whole(current)
                current, begun = RecordSlice([], [], current.position, self._bytes), self._bytes
        current.faults = elements.faults
        yield reader.whole(current)

    def _counted(self) -> Iterator[bytes]:
        self._bytes = 0
        for block in self._container.blocks():
            self._bytes += len(block)
            yield block


class _SliceReader:
    """Sorts the elements of one export into slices. Records stay texts; of the others there are few."""

    def __init__(self, container: archive.Container, context: Context) -> None:
        self._container = container
        self._clock = ExportDates(context)
        self._texts = TextPiles()
        self._piles = SamplePiles()
        self._workouts = ExportWorkoutNormaliser(ExportSources(), self._clock)

    def add(self, runs: list[Run], to: RecordSlice) -> None:
        """Put elements into a slice."""
        for run in runs:
            if isinstance(run, list):
                self._texts.add(run, to.position)
                to.position += len(run)
            else:
                sort(self._other(run, to.position), to, self._piles)
                to.position += 1

    def waiting(self, to: RecordSlice) -> int:
        """Return how much a slice holds, in samples, with those that are still to be put into it."""
        objects = len(to.records) + self._texts.stages
        return len(self._texts) + len(self._piles) + OBJECT_WEIGHS * objects + len(to.rejected)

    def whole(self, to: RecordSlice) -> RecordSlice:
        """Return the slice with all that was put in."""
        to.columns, to.texts = self._piles.take(), self._texts.take()
        return to

    def _other(self, item: RawWorkout | RawSummary, index: int) -> Iterator[Record | Rejected]:
        if isinstance(item, RawSummary):
            yield from summaries.normalise(item, index, self._clock)
            return
        for made in self._workouts.normalise(item, index):
            yield made
            if isinstance(made, WorkoutRecord):
                yield from self._route(item, made, index)

    def _route(self, raw: RawWorkout, workout: WorkoutRecord, index: int) -> Iterator[Record | Rejected]:
        points: list[Attributes] = routes.locations(raw.points)
        for path in raw.routes:
            content = self._container.route(path)
            found = None if content is None else routes.read_gpx(content)
            if found is None:
                yield Rejected(routes.COLLECTION, index, "path", "no_route_file")
            else:
                points += found[: max(MAX_POINTS - len(points), 0)]
        yield from routes.samples(points, workout.source, workout.zone, index, self._clock.latest)


class ExportNormaliser:
    """Makes records of the texts in the slices of one export."""

    def __init__(self, context: Context) -> None:
        self._records = ExportRecordNormaliser(ExportSources(), ExportDates(context))

    def __call__(self, part: RecordSlice) -> RecordSlice:
        """Return the slice with all its records. Those that are no samples, and refusals, are in the file's order."""
        piles = SamplePiles()
        for columns in part.columns:
            piles.extend(columns)
        found: list[tuple[int, Record | Rejected]] = []
        for texts in part.texts:
            self._normalise(texts, piles, found)
        found.sort(key=itemgetter(0))
        sort((item for _, item in found), part, piles)
        part.rejected.sort(key=attrgetter("index"))
        part.columns, part.texts = piles.take(), []
        return part

    def _normalise(self, texts: RecordTexts, piles: SamplePiles, found: list[tuple[int, Record | Rejected]]) -> None:
        ordinary = self._records.columns(texts)
        if ordinary is not None:
            piles.extend(ordinary)
        elif len(texts.places) > FEW and self._records.are_samples(texts):
            for half in texts.halves():  # so that one bad record among thousands does not cost them all
                self._normalise(half, piles, found)
        else:
            found += self._records.one_by_one(texts)


def sort(found: Iterable[Record | Rejected], to: RecordSlice, piles: SamplePiles) -> None:
    """Put samples into piles and the others into a slice."""
    for item in found:
        if isinstance(item, Sample):
            piles.add(item)
        elif isinstance(item, Rejected):
            to.rejected.append(item)
        else:
            to.records.append(item)


class HealthExport(FileImport):
    """The archive that the Health app makes, or the XML in it."""

    kind = "apple_xml"
    otherwise = (
        "The file is neither XML nor a ZIP archive. Accepted: the export.zip that the Health app makes, or the "
        "export.xml in it."
    )
    # Types we do not keep are no fault of the file, and an XML without its archive has no routes.
    harmless = ("unknown_type", "no_route_file")

    def recognises(self, head: bytes) -> bool:
        """Return whether it begins as a ZIP archive or as XML."""
        return archive.is_zip(head) or archive.is_xml(head)

    def open(self, file: IO[bytes], max_bytes: int) -> OpenedFile:
        """Open an export. Raises RefusedFile."""
        return AppleExport(file, Bounds(max_bytes))

    def normaliser(self, context: Context) -> Callable[[RecordSlice], RecordSlice]:
        """Return what makes records of the texts in a slice."""
        return ExportNormaliser(context)
