"""One local day of one end user: its limits in UTC, and chance that falls the same way at every call."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from wearlink.demo.demo_users import CYCLE, DemoUser, Device, Trip
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


class ReportedWorkout(NamedTuple):
    """A workout as a simulated vendor has it: [start, end] in ms, metres, active kcal and mean heart rate."""

    id: str
    kind: str
    start: int
    end: int
    meters: float
    kcal: float
    pulse: float


@dataclass(frozen=True)
class DemoDay:
    """A local date of an end user: 23 or 25 hours long where clocks change, and longer or shorter on the day of a
    flight. `reported`: workouts that a vendor knows of and that take the place of the usual ones; None where none does.
    """

    demo_user: DemoUser
    date: date
    reported: tuple[ReportedWorkout, ...] | None = None

    @cached_property
    def start(self) -> int:
        """Midnight, in ms since the epoch."""
        return _midnight(self.date, self.time_zone)

    @cached_property
    def end(self) -> int:
        return self.next.start

    @cached_property
    def next(self) -> "DemoDay":
        return DemoDay(self.demo_user, self.date + timedelta(days=1))

    @cached_property
    def trip(self) -> Trip | None:
        """The trip that the end user is on; None at home."""
        trips = self.demo_user.habits.trips
        return next((trip for trip in trips if trip.first <= self.number <= trip.last), None)

    @property
    def number(self) -> int:
        """The place of the day in the cycle of trips and silent days."""
        return self.date.toordinal() % CYCLE

    @property
    def time_zone(self) -> str:
        """The time zone in which the end user wakes up on this day."""
        return self.trip.time_zone if self.trip else self.demo_user.time_zone

    @property
    def place(self) -> tuple[float, float, float]:
        return self.trip.place if self.trip else self.demo_user.home

    @property
    def is_silent(self) -> bool:
        """Return whether no device was with the end user."""
        return self.number in self.demo_user.habits.silent

    def at(self, hour: float) -> int:
        """Return the instant `hour` hours after midnight, on a whole minute; negative for the evening before."""
        return self.start + round(hour * 60) * MINUTE

    def steps(self, minutes: int) -> Iterator[int]:
        """Return instants every so many minutes from midnight to midnight."""
        return iter(range(self.start, self.end, minutes * MINUTE))

    def chance(self, topic: str) -> random.Random:
        """Return the same numbers for the same end user, date and topic, on every machine."""
        return random.Random(f"{self.demo_user.external_id} {self.date.isoformat()} {topic}")

    def every(self, days: int, shift: int = 0) -> bool:
        """Return True on one day out of so many."""
        return (self.date.toordinal() + shift) % days == 0


def day_of(demo_user: DemoUser, ms: int) -> DemoDay:
    """Return the day on which an instant lies, wherever the end user is."""
    guess = DemoDay(demo_user, local_date(ms, demo_user.time_zone) - timedelta(days=1))
    while guess.end <= ms:
        guess = guess.next
    return guess


def zone_offset(ms: int, zone: str) -> str:
    """Return `+05:30` as it was in force then."""
    text = from_ms(ms).astimezone(ZoneInfo(zone)).strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def local_date(ms: int, zone: str) -> date:
    """Return the calendar day of an instant in a zone."""
    return from_ms(ms).astimezone(ZoneInfo(zone)).date()


def _midnight(day: date, zone: str) -> int:
    return to_ms(datetime.combine(day, time(), ZoneInfo(zone)))
