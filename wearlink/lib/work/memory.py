"""Giving back memory that a process needs no more."""

import ctypes
import os
from pathlib import Path
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_BLOCK: Final = 256 * 1024


def return_at_once() -> None:
    """Give large blocks back to the system when they are freed; for this process and its copies.

    glibc would raise the size from which it does so to that of the largest block ever freed, so that one upload of
    10 MB is kept for ever, and would keep a heap for every few threads. Other libraries of C have no such call.
    """
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust is not None:
        adjust(_MMAP_THRESHOLD, _BLOCK)
        adjust(_TRIM_THRESHOLD, _BLOCK)
        adjust(_ARENA_MAX, 2)


def resident_kib() -> int | None:
    """Return KiB that this process has in memory now; None where the system has no /proc."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE") // 1024
