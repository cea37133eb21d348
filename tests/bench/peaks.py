"""The highest memory that a program's processes have had, read from /proc."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.ground import Ground


def peak(ground: Ground, program: str) -> int:
    """Return bytes of the process that had most, the program's own and those below it."""
    root = ground.pids()[program]
    return max(map(_highest, [root, *_below(root)]))


def _below(root: int) -> Iterator[int]:
    for pid in Path(f"/proc/{root}/task/{root}/children").read_text().split():
        yield int(pid)
        yield from _below(int(pid))


def _highest(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
