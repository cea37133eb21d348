"""Imports of Apple Health exports: speed beside the bare parser on the same file, and the memory they take.

XML_MB=200 make bench BENCH=apple_xml sets the size of the large export in megabytes.
"""

import os
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from accounts.models import EndUser
from providers.adapters.apple.export.archive import Bounds, open_container
from providers.adapters.apple.export.bytefilter import filtered
from providers.adapters.apple.export.parser import OPTIONS
from providers.imports import tasks, uploads
from providers.models import ImportJob
from tests.bench import cpu, exports
from tests.bench.cast import people
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark, median
from tests.bench.ground import Ground
from wearlink.celery import app

MB = 1_000_000
LARGE = int(os.environ.get("XML_MB", "1000")) * MB
PEER_RATE, PEER_MEMORY = "2,812/s", "719 MB; 2 GB at 200 MB"
TAGS = ("Record", "Workout", "Correlation", "ActivitySummary")


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """One import: its records, the seconds it took, CPU seconds by part, and memory in bytes: the most that the
    worker's processes took together (PSS), and the most that one of them had resident (what it shares included).
    """

    records: int
    seconds: float
    cpu: dict[str, float]
    together: int
    largest: int

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds


@benchmark("apple_xml", order=90)
def apple_xml(ground: Ground) -> Iterator[BenchFigure]:
    """200 MB end to end, as XML and in a ZIP, beside lxml.iterparse; then the worker's memory at 20 MB and at 1 GB."""
    rounds = ground.size(3, 1)
    with written(ground, ground.size(200 * MB, 2 * MB)) as path, packed(path) as archive:
        bare = median([_bare(path) for _ in range(rounds)])
        for shape, file in (("", path), (" in a ZIP", archive)):
            outcomes = sorted((imported(ground, file) for _ in range(rounds)), key=lambda one: one.seconds)
            middle = outcomes[rounds // 2]
            title = f"Apple XML {path.stat().st_size / MB:.0f} MB{shape}, end to end: records/s"
            yield BenchFigure(title, middle.rate, "/s", at_least(130_000), PEER_RATE)
            yield BenchFigure("  as a share of bare lxml.iterparse, same filter", middle.rate / bare, "", at_least(0.4))
            yield BenchFigure("  records by second of CPU, all parts", middle.records / sum(middle.cpu.values()), "/s")
            yield from (
                BenchFigure(f"  share of CPU: {part}", share, "%") for part, share in cpu.shares(middle.cpu).items()
            )
    for size in ground.size((20 * MB, LARGE), (2 * MB,)):
        with written(ground, size) as path:
            ground.stop("worker")
            outcome = imported(ground, path)
            ground.stop("worker")
        title = f"memory of the worker's processes together at {size / MB:,.0f} MB of XML"
        yield BenchFigure(title, outcome.together / MB, "MB", at_most(250), PEER_MEMORY)
        yield BenchFigure("  of the largest of them, what it shares included", outcome.largest / MB, "MB", at_most(200))


@contextmanager
def written(ground: Ground, size: int) -> Iterator[Path]:
    """An export of about so many bytes."""
    path = ground.data / f"export-{size}.xml"
    exports.write(path, size)
    try:
        yield path
    finally:
        path.unlink()


@contextmanager
def packed(path: Path) -> Iterator[Path]:
    """The same in an archive as the phone makes it."""
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
        made.write(path, "apple_health_export/export.xml")
    try:
        yield archive
    finally:
        archive.unlink()


def _bare(path: Path) -> float:
    """Elements a second of lxml.iterparse that does nothing but throw them away."""
    began, number = time.perf_counter(), 0
    with path.open("rb") as file:
        reader = _BlockReader(filtered(open_container(file, Bounds(10**11)).blocks()))
        for _, element in etree.iterparse(reader, events=("end",), tag=TAGS, **OPTIONS):
            number += 1
            element.clear(keep_tail=False)
            parent = element.getparent()
            while element.getprevious() is not None:
                del parent[0]
    return number / (time.perf_counter() - began)


class _BlockReader:
    """Blocks as a file that hands out whole ones, which is how iterparse is fastest."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks

    def read(self, _size: int) -> bytes:
        return next(self._blocks, b"")


def imported(ground: Ground, path: Path) -> ImportOutcome:
    """Return a whole import by the worker, for a new end user: from the task that is sent to the last commit."""
    ready(ground)
    (user,) = people(1)
    job = received(user, path)
    with watched(ground) as watch:
        tasks.enqueue(job)
        ended(job)
    ground.settle()
    return watch.outcome(job)


def ready(ground: Ground) -> None:
    """Have a worker that takes tasks: its start is not part of an import."""
    ground.worker()
    while not app.control.ping(timeout=0.5):
        continue


def received(user: EndUser, path: Path) -> ImportJob:
    """Store a file as the upload does."""
    with path.open("rb") as file:
        return uploads.receive(
            uploads.UploadedImport(user.key, user.organization_id, "apple_xml", file, path.stat().st_size)
        )


def ended(job: ImportJob) -> None:
    """Wait for the end of an import. Raises RuntimeError unless all went well."""
    while job.finished_at is None:
        time.sleep(0.02)
        job.refresh_from_db()
    if job.state != ImportJob.State.DONE:
        raise RuntimeError(f"The import ended as {job.state}: {job.error} {job.warnings} {job.rejected}")


@dataclass(slots=True)
class Watch:
    """The cost of an import in time and memory of the programs that run it."""

    ground: Ground
    began: float = field(default_factory=time.perf_counter)
    seconds: float = 0.0
    together: int = 0
    largest: int = 0
    before: dict[str, float] = field(default_factory=dict)
    after: dict[str, float] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)

    def sample(self) -> None:
        """Note the worker's memory until it is done."""
        while not self.done.wait(0.1):
            processes = _tree(self.ground.pids()["worker"])
            self.together = max(self.together, sum(_memory(pid, "smaps_rollup", "Pss:") for pid in processes))
            self.largest = max(self.largest, *(_memory(pid, "status", "VmHWM:") for pid in processes))

    def outcome(self, job: ImportJob) -> ImportOutcome:
        """Return what came of the import that was watched."""
        used = cpu.used(self.before, self.after)
        return ImportOutcome(job.records, self.seconds, used, self.together, self.largest)


@contextmanager
def watched(ground: Ground) -> Iterator[Watch]:
    """Measures what happens in the block."""
    watch = Watch(ground, before=cpu.seconds(ground.pids()))
    sampler = threading.Thread(target=watch.sample)
    sampler.start()
    try:
        yield watch
        watch.seconds = time.perf_counter() - watch.began
        watch.after = cpu.seconds(ground.pids())
    finally:
        watch.done.set()
        sampler.join()


def _tree(root: int) -> list[int]:
    """Return a process and all below it; those that have just ended are left out."""
    try:
        children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [root, *(pid for child in children for pid in _tree(int(child)))]


def _memory(pid: int, file: str, name: str) -> int:
    """Return bytes, by a line of a process's file in /proc; 0 if it has just ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0
