"""Imports of Apple Health exports: speed beside the bare parser on the same file, and the worker's peak memory."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from providers.adapters.apple.export.archive import Bounds, open_container
from providers.adapters.apple.export.bytefilter import filtered
from providers.adapters.apple.export.parser import OPTIONS
from providers.imports import tasks, uploads
from providers.models import ImportJob
from tests.bench import cpu, exports
from tests.bench.cast import people
from tests.bench.figures import Figure, at_least, at_most, benchmark, median
from tests.bench.ground import Ground

MB = 1_000_000
PEER_RATE, PEER_MEMORY = "2,812/s", "719 MB; 2 GB at 200 MB"
TAGS = ("Record", "Workout", "Correlation", "ActivitySummary")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One import: its records, the seconds it took, and CPU seconds by part."""

    records: int
    seconds: float
    cpu: dict[str, float]


@benchmark("apple_xml", order=90)
def apple_xml(ground: Ground) -> Iterator[Figure]:
    """200 MB end to end beside lxml.iterparse; then the worker's peak at 20 MB and at 1 GB."""
    rounds = ground.size(3, 1)
    with _export(ground, ground.size(200 * MB, 1 * MB)) as path:
        bare = median([_bare(path) for _ in range(rounds)])
        outcomes = sorted((_imported(ground, path) for _ in range(rounds)), key=lambda one: one.seconds)
        megabytes = path.stat().st_size / MB
    middle = outcomes[rounds // 2]
    rate = middle.records / middle.seconds
    yield Figure(f"Apple XML {megabytes:.0f} MB end to end: records/s", rate, "/s", at_least(130_000), PEER_RATE)
    yield Figure("  bare lxml.iterparse, same filter: records/s", bare, "/s")
    yield Figure("  end to end as a share of that", rate / bare, "", at_least(0.4))
    yield Figure("  records by second of CPU, all parts", middle.records / sum(middle.cpu.values()), "/s")
    yield from (Figure(f"  share of CPU: {part}", share, "%") for part, share in cpu.shares(middle.cpu).items())
    for size in ground.size((20 * MB, 1000 * MB), (1 * MB, 2 * MB)):
        with _export(ground, size) as path:
            yield Figure(
                f"worker's peak memory at {size / MB:,.0f} MB of XML",
                _peak(ground, path),
                "MB",
                at_most(200),
                PEER_MEMORY,
            )


@contextmanager
def _export(ground: Ground, size: int) -> Iterator[Path]:
    path = ground.data / f"export-{size}.xml"
    exports.write(path, size)
    try:
        yield path
    finally:
        path.unlink()


def _bare(path: Path) -> float:
    """Elements a second of lxml.iterparse that does nothing but throw them away."""
    began, number = time.perf_counter(), 0
    with path.open("rb") as file:
        reader = _Reader(filtered(open_container(file, Bounds(10**11)).blocks()))
        for _, element in etree.iterparse(reader, events=("end",), tag=TAGS, **OPTIONS):
            number += 1
            element.clear(keep_tail=False)
            parent = element.getparent()
            while element.getprevious() is not None:
                del parent[0]
    return number / (time.perf_counter() - began)


class _Reader:
    """Blocks as a file that hands out whole ones, which is how iterparse is fastest."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks

    def read(self, _size: int) -> bytes:
        return next(self._blocks, b"")


def _imported(ground: Ground, path: Path) -> Outcome:
    """A whole import by the worker, for a new person: from the task that is sent to the last commit."""
    ground.worker()
    (user,) = people(1)
    with path.open("rb") as file:
        job = uploads.receive(
            uploads.UploadedImport(user.key, user.organization_id, "apple_xml", file, path.stat().st_size)
        )
    began, before = time.perf_counter(), cpu.seconds(ground.pids())
    tasks.enqueue(job.job_id)
    while job.finished_at is None:
        time.sleep(0.02)
        job.refresh_from_db()
    seconds = time.perf_counter() - began
    if job.state != ImportJob.State.DONE:
        raise RuntimeError(f"The import ended as {job.state}: {job.error} {job.warnings} {job.rejected}")
    return Outcome(job.records, seconds, cpu.used(before, cpu.seconds(ground.pids())))


def _peak(ground: Ground, path: Path) -> float:
    """Megabytes that the largest process of a fresh worker ever had resident."""
    ground.stop("worker")
    _imported(ground, path)
    peak = max(_resident(pid) for pid in _tree(ground.pids()["worker"]))
    ground.stop("worker")
    return peak / MB


def _tree(root: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    return [root, *(pid for child in children for pid in _tree(int(child)))]


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
