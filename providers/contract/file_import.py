"""Files that end users upload: what an adapter offers for a vendor's export, and what comes out of one."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from typing import IO, Any, ClassVar, Protocol

import msgspec

from healthdata.records import Record, Rejected, Sample, SampleColumns, StageRecord, WorkoutRecord
from providers.contract.context import Context
from providers.contract.errors import AnomalousPayload


class RefusedFile(AnomalousPayload):
    """The file is not taken, and nothing of it is. `code` is a stable word, the text a sentence for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code

    def __reduce__(self) -> tuple[type["RefusedFile"], tuple[str, str]]:
        """Return it as pickle wants it, for files that another process reads."""
        return RefusedFile, (self.code, str(self))


class FileFault(msgspec.Struct, frozen=True):
    """A fault of the file itself: a stable code, a sentence, and the line where known."""

    code: str
    message: str
    line: int | None = None


class RecordSlice(msgspec.Struct):
    """Some of a file: what its elements up to `position` say, and the bytes read so far.

    Samples lie in `columns`, everything else in `records`. `texts` are what a normaliser makes more of them from.
    `faults` of the file come with its last slice.
    """

    records: list[Record]
    rejected: list[Rejected]
    position: int
    bytes_read: int
    columns: list[SampleColumns] = []
    faults: list[FileFault] = []
    texts: list[Any] = []

    def counts(self) -> Counter[str]:
        """Return how many records there are of each series, of sleep and of workouts."""
        found = Counter(map(_kind, self.records))
        for samples in self.columns:
            found[samples.series] += len(samples)
        return found

    def __bool__(self) -> bool:
        """Return whether anything but a sign of life is in it."""
        return bool(self.records or self.columns or self.rejected or self.texts)


class OpenedFile(Protocol):
    """A file that is being read. `expected_samples` are known after the check."""

    expected_samples: int

    def check(self, *, count_to: int = 0) -> Iterator[int]:
        """Go through the whole file once, as a judgment on it, and give the bytes read so far. Raises RefusedFile.

        `expected_samples` says afterwards about how many there are; once it is above `count_to` counting may end.
        """

    def slices(self, context: Context, *, skip: int = 0, ahead: int = 0) -> Iterator[RecordSlice]:
        """Give the records from the element after `skip` on, in the same order at every call.

        With `ahead` a thread may unpack so many blocks before they are needed; the caller's process ends with it.
        While it skips, it gives slices without records now and then, so that the caller can see it is alive.
        """


class FileImport(ABC):
    """The capability of a provider to read one kind of file.

    kind: its name in the API and in ImportJob.kind, unique in the project. otherwise: for who sent something
    else, what is accepted. harmless: beginnings of the reasons for which elements are refused without the import
    being incomplete.
    """

    kind: ClassVar[str]
    otherwise: ClassVar[str]
    harmless: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def recognises(self, head: bytes) -> bool:
        """Return whether a file whose first 4096 bytes these are may be of this kind."""

    @abstractmethod
    def open(self, file: IO[bytes], max_bytes: int) -> OpenedFile:
        """Open a file of which at most `max_bytes` may come out when it is unpacked. Raises RefusedFile."""

    def normaliser(self, context: Context) -> Callable[[RecordSlice], RecordSlice]:
        """Return what each slice passes through before it is stored, in the process that stores while another reads.

        By default nothing is left to do.
        """
        return lambda part: part


def _kind(record: Record) -> str:
    if isinstance(record, Sample):
        return record.series
    if isinstance(record, StageRecord):
        return "sleep"
    if isinstance(record, WorkoutRecord):
        return "workout"
    return getattr(record, "series", "score")
