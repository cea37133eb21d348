"""The one clock, and the two notations of time.

Inside, a moment is an int: milliseconds since the epoch, UTC. On the wire it is RFC 3339 with a Z.
"""

import re
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from wearlink.lib.errors import InvalidInput

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
_DAY_MS = 86_400_000
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,9}))?(?:([Zz])|([+-])(\d\d):?(\d\d))?", re.ASCII
)


def now() -> datetime:
    """Return the present moment, aware, UTC; by the same reading as ``now_ms``."""
    return EPOCH + timedelta(microseconds=time.time_ns() // 1000)


def now_ms() -> int:
    """Return the present moment in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def to_ms(moment: datetime) -> int:
    """Return milliseconds since the epoch of an aware datetime; finer parts are cut off."""
    return (moment - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """Return the aware UTC datetime of ``ms`` milliseconds since the epoch."""
    return EPOCH + timedelta(milliseconds=ms)


def rfc3339(ms: int) -> str:
    """Return ``2026-03-04T05:06:07Z``, with three digits of fraction only when there is one.

    Dates and times of day come again and again, and formatting them again would cost ten times as much.
    """
    day, rest = divmod(ms, _DAY_MS)
    minute, rest = divmod(rest, 60_000)
    second, fraction = divmod(rest, 1000)
    end = f"{second:02}.{fraction:03}Z" if fraction else _SECONDS[second]
    return f"{_date(day)}{_minute(minute)}{end}"


_SECONDS: Final = tuple(f"{second:02}Z" for second in range(60))


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return f"{date.fromordinal(EPOCH.toordinal() + day).isoformat()}T"


@lru_cache(maxsize=1440)  # of minutes, not of seconds: those of a day would hold 17 MB
def _minute(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}:"


def parse_rfc3339(text: str) -> tuple[int, int | None]:
    """Return milliseconds since the epoch and the offset in minutes east of UTC.

    The offset is None where the text carries none (read as UTC) and 0 for Z. Seconds may be missing, as some phones
    leave them out; fractions finer than a millisecond are cut off. Raises InvalidInput for anything else.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{text[:40]!r} is not an RFC 3339 date and time such as 2026-03-04T05:06:07Z.")
    day, minutes, seconds, fraction, zulu, sign, hours, minute = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{minutes}{seconds or ':00'}+00:00")
    except ValueError as error:
        raise InvalidInput(f"{text[:40]!r} is not a date and time: {error}.") from error
    ms = to_ms(moment) + int((fraction or "0").ljust(3, "0")[:3])
    offset = _offset(text, sign, hours, minute) if sign else (0 if zulu else None)
    return ms - (offset or 0) * 60_000, offset


def _offset(text: str, sign: str, hours: str, minutes: str) -> int:
    """Return minutes east of UTC; at most 18 hours either way, as in ISO 8601 libraries at large."""
    offset = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or offset > 18 * 60:
        raise InvalidInput(f"{text[:40]!r} has an impossible zone offset.")
    return -offset if sign == "-" else offset
