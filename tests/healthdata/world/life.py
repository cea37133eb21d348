"""A year of somebody by the minute: what they walked, what they wore and carried, where they were. Seeded, so the same
for everybody who asks.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from healthdata.days import ZoneHistory

MINUTE: Final = 60_000
STRIDE_METERS: Final = 0.74
KCAL_A_STEP: Final = 0.042
#: (day of the year, zone that holds from noon of it on): two journeys and back.
JOURNEYS: Final = ((0, "Europe/Berlin"), (90, "Asia/Kolkata"), (104, "Europe/Berlin"), (250, "America/New_York"),
                   (264, "Europe/Berlin"))  # fmt: skip


@dataclass(slots=True)
class LivedDay:
    """One local day. All lists have an entry a minute from local midnight on, 23 to 25 hours of them."""

    day: date
    start: int  # ms of local midnight
    steps: list[int]
    worn: list[bool]  # the watch, with power
    carried: list[bool]  # the phone
    ring_worn: list[bool]
    wake: int  # minutes of the day
    bed: int

    @property
    def truth(self) -> dict[str, float]:
        """The figures that an all-seeing counter would have."""
        total = sum(self.steps)
        return {"steps": total, "distance_meters": total * STRIDE_METERS, "active_calories_kcal": total * KCAL_A_STEP}


@dataclass(slots=True)
class Life:
    """A run of days, and the zones in which they were lived."""

    zones: ZoneHistory
    days: list[LivedDay] = field(default_factory=list)


def live(first: date, number: int, *, seed: int = 1) -> Life:
    """Return days of somebody who walks to work, runs now and then, sleeps, and forgets to charge things."""
    dice = random.Random(seed)
    entries = []
    for at, zone in JOURNEYS:
        noon = ZoneHistory(((0, zone),)).bounds(first + timedelta(days=at))[0] + 12 * 60 * MINUTE
        entries.append((0 if at == 0 else noon, zone))
    life = Life(ZoneHistory(tuple(entries)))
    for number_of_day in range(number):
        day = first + timedelta(days=number_of_day)
        start, end = life.zones.bounds(day)
        life.days.append(lived_day(dice, day, start, (end - start) // MINUTE))
    return life


def lived_day(dice: random.Random, day: date, start: int, minutes: int) -> LivedDay:
    """Return one day: when they walked, and which devices were with them."""
    wake, sleep = dice.randrange(380, 450), min(dice.randrange(1_350, 1_425), minutes - 30)
    steps = [0] * minutes
    for _ in range(dice.randrange(14, 30)):
        begin = dice.randrange(wake, sleep - 40)
        pace = dice.choice((20, 45, 80, 100, 110))
        for minute in range(begin, begin + dice.randrange(2, 28)):
            steps[minute] = max(0, pace + dice.randrange(-15, 16))
    if dice.random() < 0.3:
        begin = dice.randrange(wake, sleep - 60)
        for minute in range(begin, begin + 40):
            steps[minute] = dice.randrange(150, 172)
    for minute in (*range(minutes - 20, minutes), *range(15)):  # home after midnight now and then
        if minute < minutes and dice.random() < 0.02:
            steps[minute] = dice.randrange(20, 90)
    worn = watch_of(dice, wake, minutes)
    carried = phone_of(dice, wake, sleep, worn)
    rested = dice.random() < 0.9
    return LivedDay(day, start, steps, worn, carried, [rested] * minutes, wake, sleep)


def watch_of(dice: random.Random, wake: int, minutes: int) -> list[bool]:
    """Worn but for an hour of charging; now and then its battery dies, it is taken off at noon, or left at home."""
    kind = dice.random()
    worn = [True] * minutes
    begin = dice.randrange(wake, wake + 600)
    for minute in range(begin, begin + dice.randrange(40, 80)):
        worn[minute] = False
    if kind < 0.05:
        return [False] * minutes
    if kind < 0.15:
        end = dice.randrange(wake + 60, 1_300)
        return [one and minute < end for minute, one in enumerate(worn)]
    return worn


def phone_of(dice: random.Random, wake: int, sleep: int, worn: list[bool]) -> list[bool]:
    """In a pocket while out and about; on the table for some quarters of an hour where the watch is worn anyway."""
    carried = [wake <= minute < sleep for minute in range(len(worn))]
    for _ in range(dice.randrange(0, 3)):
        begin = dice.randrange(wake, sleep - 20)
        for minute in range(begin, begin + 15):
            carried[minute] = not worn[minute]
    return carried
