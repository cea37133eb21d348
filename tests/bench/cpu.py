"""CPU seconds by part, read from /proc: each program with its children, also those that have ended."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds(programs: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds used so far by the process trees of {name: pid}, and by our own database and broker."""
    processes = dict(_processes())
    roots = dict(programs)
    for pid, (parent, command, _) in processes.items():
        if parent == os.getpid() and command in NAMES:
            roots[NAMES[command]] = pid
    return {name: _tree(pid, processes) for name, pid in roots.items()}


NAMES = {"postgres": "database", "valkey-server": "broker"}
Process = tuple[int, str, float]  # parent, command, seconds


def waited(pids: Iterable[int]) -> float:
    """Return seconds that these processes were ready to run so far and had no processor, by their schedstat."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) for pid in pids) / 1e9


def used(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return seconds between two readings, by part."""
    return {name: after[name] - before.get(name, 0.0) for name in after}


def shares(seconds: Mapping[str, float]) -> dict[str, float]:
    total = sum(seconds.values()) or 1.0
    return {name: 100 * value / total for name, value in seconds.items()}


def _tree(root: int, processes: Mapping[int, Process]) -> float:
    if root not in processes:
        return 0.0
    children = [pid for pid, (parent, _, _) in processes.items() if parent == root]
    return processes[root][2] + sum(_tree(pid, processes) for pid in children)


def _processes() -> Iterator[tuple[int, Process]]:
    for directory in Path("/proc").iterdir():
        if not directory.name.isdecimal():
            continue
        try:
            text = (directory / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        command, _, rest = text.partition("(")[2].rpartition(")")[0], None, text.rpartition(")")[2].split()
        yield int(directory.name), (int(rest[1]), command, sum(map(int, rest[11:15])) / TICKS)
