"""A chunk's share of each local day, kept in its row so that daily figures need not unpack samples.

A row's local day follows from its own zone, else from the end user's zone valid at that time, and neither moves
afterwards; so the share is as permanent as the samples.
"""

from bisect import bisect_left

from healthdata.days import ZoneHistory
from healthdata.models.series import HOUR, HOUR_MS
from healthdata.store.columns import NO_ZONE, Columns

DAY_MS = 24 * HOUR_MS
MINUTE_MS = 60_000
WIDTH = 7  # numbers a part: local day, n, lo, hi, total, final, distinct UTC hours


def parts_of(columns: Columns, hour: int, span: int, zones: ZoneHistory) -> tuple[int, list[float] | None]:
    """Return (local day of the first row, parts or None), days counted from 1970-01-01.

    None means an hour's chunk within one day: its own n, lo, hi, total and final are the part.
    """
    cuts = list(day_cuts(columns, hour * HOUR_MS, zones))
    first_day = cuts[0][0]
    if span == HOUR and len(cuts) == 1:
        return first_day, None
    numbers: list[float] = []
    ends = [start for _, start in cuts[1:]] + [len(columns)]
    for (day, start), end in zip(cuts, ends, strict=True):
        vals = columns.vals[start:end]
        hours = len({offset // HOUR_MS for offset in columns.offsets[start:end]})
        numbers += (day, len(vals), min(vals), max(vals), sum(vals), vals[-1], hours)
    return first_day, numbers


def day_cuts(columns: Columns, base: int, zones: ZoneHistory) -> list[tuple[int, int]]:
    """Return (local day, index of its first row), in the order of the rows."""
    minutes = one_zone(columns, base, zones)
    if minutes is None:
        return walk(columns, base, zones)
    shift = base + minutes * MINUTE_MS
    offsets = columns.offsets
    day = (shift + offsets[0]) // DAY_MS
    last = (shift + offsets[-1]) // DAY_MS
    cuts = [(day, 0)]
    while day < last:
        start = bisect_left(offsets, (day + 1) * DAY_MS - shift)
        day = (shift + offsets[start]) // DAY_MS
        cuts.append((day, start))
    return cuts


def one_zone(columns: Columns, base: int, zones: ZoneHistory) -> int | None:
    """Return minutes east of UTC that hold for every row of the chunk, or None where they differ."""
    if not isinstance(columns.zones, int):
        return None
    if columns.zones != NO_ZONE:
        return columns.zones
    first, last = (zones.offset_at(base + columns.offsets[at]) for at in (0, -1))
    return first if first == last else None


def walk(columns: Columns, base: int, zones: ZoneHistory) -> list[tuple[int, int]]:
    """Return the cuts row by row; a day that comes twice (a flight west) is cut twice and added up by the reader."""
    cuts: list[tuple[int, int]] = []
    for index, (offset, _, _, stated) in enumerate(columns.rows()):
        at = base + offset
        minutes = zones.offset_at(at) if stated == NO_ZONE else stated
        day = (at + minutes * MINUTE_MS) // DAY_MS
        if not cuts or cuts[-1][0] != day:
            cuts.append((day, index))
    return cuts
