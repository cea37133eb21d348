"""The processors that this process may use, which a container or `taskset` can make fewer than the machine has."""

import os


def usable_processors() -> int:
    """Return their number."""
    known = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(known(0)) if known else os.cpu_count() or 1
