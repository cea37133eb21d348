"""Local days.

The zone of an instant is the row's own offset, else the end user's zone valid then, else UTC. A day runs from local
midnight to local midnight in the end user's zone, so it has 23 or 25 hours when the clocks change.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_QUARTER_MS: Final = 15 * _MINUTE_MS  # no zone changes its offset between quarters of an hour


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name; None for a name this machine does not have, which is then read as UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def is_zone(name: str) -> bool:
    """Return whether it is the name of a place's zone; UTC says nothing of a place."""
    return "/" in name and not name.startswith("Etc/") and _zone(name) is not None


@lru_cache(maxsize=16_384)
def _offset(name: str, quarter: int) -> int:
    """Return minutes east of UTC of a zone in a quarter of an hour (counted from the epoch)."""
    zone = _zone(name)
    if zone is None:
        return 0
    offset = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, UTC).astimezone(zone).utcoffset()
    return round((offset or timedelta()).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class ZoneHistory:
    """The time zones that an end user lived in: (valid from, IANA name), oldest first. Empty means UTC.

    The first zone also holds for the time before it, since records are older than the user's account.
    """

    entries: tuple[tuple[int, str], ...] = ()
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(sorted(self.entries)))
        object.__setattr__(self, "_starts", tuple(start for start, _ in self.entries))

    def zone_at(self, ms: int) -> str:
        """Return the IANA name of the zone valid at an instant."""
        if not self.entries:
            return "UTC"
        return self.entries[max(bisect_right(self._starts, ms) - 1, 0)][1]

    def offset_at(self, ms: int) -> int:
        """Return minutes east of UTC at an instant."""
        return _offset(self.zone_at(ms), ms // _QUARTER_MS)

    def offset_of(self, ms: int, row_offset: int | None) -> int:
        """Return minutes east of UTC of a row: what it states, else the zone valid then."""
        return self.offset_at(ms) if row_offset is None else row_offset

    def day_of(self, ms: int, row_offset: int | None = None) -> date:
        """Return the local date of an instant."""
        local = ms + self.offset_of(ms, row_offset) * _MINUTE_MS
        return date.fromordinal(_EPOCH_DAY + local // _DAY_MS)

    def minute_of_day(self, ms: int, row_offset: int | None = None) -> int:
        """Return local minutes since midnight, 0 to 1439."""
        return (ms // _MINUTE_MS + self.offset_of(ms, row_offset)) % 1440

    def bounds(self, day: date) -> tuple[int, int]:
        """Start and end of a local day in milliseconds: half open, 23 or 25 h long when the clocks change."""
        return self._midnight(day.toordinal()), self._midnight(day.toordinal() + 1)

    def span(self, first: date, last: date) -> tuple[int, int]:
        """Start of the first and end of the last local day, both days included."""
        return self._midnight(first.toordinal()), self._midnight(last.toordinal() + 1)

    def _midnight(self, ordinal: int) -> int:
        """Return the first instant of a local date.

        Where the clocks skip midnight itself, that is the moment they change; where they repeat it, the first of both.
        """
        nominal = (ordinal - _EPOCH_DAY) * _DAY_MS
        low, high = nominal - 27 * 3_600_000, nominal + 27 * 3_600_000  # the offsets of the earth, and to spare
        candidates = {nominal - self.offset_at(ms) * _MINUTE_MS for ms in (low, nominal, high)}
        fitting = [ms for ms in candidates if self._starts_day(ms, nominal)]
        return min(fitting) if fitting else self._skipped(nominal, low, high)

    def _starts_day(self, ms: int, nominal: int) -> bool:
        return ms + self.offset_at(ms) * _MINUTE_MS == nominal

    def _skipped(self, nominal: int, low: int, high: int) -> int:
        """Return the instant at which the local clock jumps over `nominal`, by bisection to the millisecond."""
        while high - low > 1:
            middle = (low + high) // 2
            if middle + self.offset_at(middle) * _MINUTE_MS < nominal:
                low = middle
            else:
                high = middle
        return high


UTC_ONLY: Final = ZoneHistory()
