"""One local day of one end user: its limits in UTC, and chance that falls the same way at every call."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from wearlink.demo.demo_users import DemoUser, Device
from wearlink.lib.clock import from_ms, to_ms

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE


class DemoReading(NamedTuple):
    """One figure a device recorded: what (the keys of wire.WORDS), [start, end] in ms, and the value."""

    what: str
    start: int
    end: int
    value: float
    device: Device


@dataclass(frozen=True)
class DemoDay:
    """A local date of an end user. 23 or 25 hours long where clocks change."""

    demo_user: DemoUser
    date: date

    @cached_property
    def start(self) -> int:
        """Midnight, in ms since the epoch."""
        return _midnight(self.date, self.demo_user.time_zone)

    @cached_property
    def end(self) -> int:
        return _midnight(self.date + timedelta(days=1), self.demo_user.time_zone)

    @property
    def next(self) -> "DemoDay":
        return DemoDay(self.demo_user, self.date + timedelta(days=1))

    def at(self, hour: float) -> int:
        """The instant `hour` hours after midnight, on a whole minute; negative for the evening before."""
        return self.start + round(hour * 60) * MINUTE

    def steps(self, minutes: int) -> Iterator[int]:
        """Instants every so many minutes from midnight to midnight."""
        return iter(range(self.start, self.end, minutes * MINUTE))

    def chance(self, topic: str) -> random.Random:
        """The same numbers for the same end user, date and topic, on every machine."""
        return random.Random(f"{self.demo_user.external_id} {self.date.isoformat()} {topic}")

    def every(self, days: int, shift: int = 0) -> bool:
        """True on one day out of so many."""
        return (self.date.toordinal() + shift) % days == 0


def zone_offset(ms: int, zone: str) -> str:
    """`+05:30` as it was in force then."""
    text = from_ms(ms).astimezone(ZoneInfo(zone)).strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def local_date(ms: int, zone: str) -> date:
    """The calendar day of an instant in a zone."""
    return from_ms(ms).astimezone(ZoneInfo(zone)).date()


def _midnight(day: date, zone: str) -> int:
    return to_ms(datetime.combine(day, time(), ZoneInfo(zone)))
