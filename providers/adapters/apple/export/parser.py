"""The elements that carry data, parsed from filtered bytes a block at a time and without a tree.

libxml2 calls the collector for every tag and keeps nothing, so memory does not grow with the file. It runs in recover
mode, for exports in the wild have small faults; what it had to overlook is reported, never silent.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from providers.contract import FileFault
from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = LazyModule("lxml.etree")

Attributes = dict[str, str]

SHOWN_FAULTS: Final = 20  # libxml2 itself stops noting them after a hundred
MAX_PARTS: Final = 200_000  # of one workout: a day of route points
TIME_ZONE: Final = "HKTimeZone"
ENTERED: Final = "HKWasUserEntered"
_KEPT: Final = (TIME_ZONE, ENTERED)

OPTIONS: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "recover": True,
    "remove_comments": True,
    "remove_pis": True,
}


class RawWorkout(msgspec.Struct):
    """A Workout with what stood in it. `points` are the Location elements of old exports."""

    attributes: Attributes
    metadata: Attributes = {}
    statistics: list[Attributes] = []
    events: list[Attributes] = []
    routes: list[str] = []
    points: list[Attributes] = []
    parts: int = 0


class RawSummary(msgspec.Struct):
    attributes: Attributes


Records = list[Attributes]  # a Record is its attributes, and what _KEPT has of its metadata
Run = Records | RawWorkout | RawSummary  # Records that follow each other, or one of the others


class Collector:
    """The target that lxml calls. Runs come out in the order in which their elements end."""

    def __init__(self, skip: int) -> None:
        self._runs: list[Run] = []
        self._records: Records = []
        self.seen = 0
        self.closed = False
        self._skip = skip
        self._record: Attributes | None = None
        self._workout: RawWorkout | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "Record":
            self._record = attributes
        elif tag == "MetadataEntry":
            record = self._record
            if record is None:
                self._part(tag, attributes)
            elif (key := attributes.get("key")) in _KEPT and record:
                record[key] = attributes.get("value", "")
        elif tag == "Workout":
            self._workout = RawWorkout(dict(attributes))
        elif self._workout is not None:
            self._part(tag, attributes)
        elif tag == "ActivitySummary":
            self._add(RawSummary(dict(attributes)))

    def end(self, tag: str) -> None:
        if tag == "Record":
            if self._record is not None:
                self.seen += 1
                if self.seen > self._skip:
                    self._records.append(self._record)
                self._record = None
        elif tag == "Workout":
            if self._workout is not None:
                self._add(self._workout)
                self._workout = None
        elif tag == "HealthData":
            self.closed = True

    def close(self) -> None:
        """Do nothing at the end of the file; lxml wants the method."""

    def take(self) -> list[Run]:
        """Return what came since the last time."""
        self._end_run()
        taken, self._runs = self._runs, []
        return taken

    def _add(self, item: RawWorkout | RawSummary) -> None:
        self.seen += 1
        if self.seen > self._skip:
            self._end_run()
            self._runs.append(item)

    def _end_run(self) -> None:
        if self._records:
            self._runs.append(self._records)
            self._records = []

    def _part(self, tag: str, attributes: Attributes) -> None:
        workout = self._workout
        if workout is None or workout.parts >= MAX_PARTS:
            return
        workout.parts += 1
        if tag == "MetadataEntry":
            workout.metadata.setdefault(attributes.get("key", ""), attributes.get("value", ""))
        elif tag == "WorkoutStatistics":
            workout.statistics.append(attributes)
        elif tag == "WorkoutEvent":
            workout.events.append(attributes)
        elif tag == "FileReference":
            workout.routes.append(attributes.get("path", ""))
        elif tag == "Location":
            workout.points.append(attributes)


class ElementReader:
    """One pass over an export. Elements whose place is up to `skip` are counted and left out."""

    def __init__(self, blocks: Iterable[bytes], skip: int = 0) -> None:
        self._blocks = blocks
        self._collector = Collector(skip)
        self._parser = etree.XMLParser(target=cast(Any, self._collector), **OPTIONS)
        self.faults: list[FileFault] = []
        self.place = 0  # elements read so far

    def batches(self) -> Iterator[list[Run]]:
        """Yield the runs of one block after the other. What is wrong with the file is in `faults` afterwards."""
        for block in self._blocks:
            if not self._feed(block):
                break
            yield self._taken()
        whole = self._collector.closed
        self._close()
        if whole:  # else what comes now is what the parser made of a cut element
            yield self._taken()
        else:
            self._collector.take()
        self._report(whole=whole)

    def _taken(self) -> list[Run]:
        self.place = self._collector.seen
        return self._collector.take()

    def _feed(self, block: bytes) -> bool:
        try:
            self._parser.feed(block)
        except etree.XMLSyntaxError:
            return False
        return True

    def _close(self) -> None:
        try:
            self._parser.close()
        except etree.XMLSyntaxError:
            return

    def _report(self, *, whole: bool) -> None:
        log = list(self._parser.feed_error_log)
        if not whole:
            last = log[-1].line if log else None
            self.faults.append(
                FileFault("cut_off", "The XML ends before its root does; what came before that was imported.", last)
            )
            log = [entry for entry in log if entry.line != last]
        for entry in log[:SHOWN_FAULTS]:
            self.faults.append(FileFault(entry.type_name.lower(), "The XML is not well-formed here.", entry.line))
