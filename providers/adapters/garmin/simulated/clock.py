"""Local days of simulated people."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Brussels")
DAY: Final = 86_400
ONE: Final = timedelta(days=1)


def midnight(day: date) -> int:
    """Return epoch seconds of the local midnight with which a day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp())


def offset(at: int) -> int:
    """Return seconds east of UTC."""
    shift = datetime.fromtimestamp(at, UTC).astimezone(ZONE).utcoffset()
    return 0 if shift is None else int(shift.total_seconds())


def day_of(at: int) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(ZONE).date()


def days(first: int, last: int) -> Iterator[date]:
    """Yield the local dates that [first, last) touches."""
    day = day_of(first)
    while midnight(day) < last:
        yield day
        day += ONE
