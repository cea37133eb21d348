"""Nights as they were slept, and as the devices in and beside the bed recorded them."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from healthdata.records import SourceInfo, StageRecord
from tests.healthdata.world.devices import PHONE, RING, WATCH
from tests.healthdata.world.errors import Distribution
from tests.healthdata.world.life import MINUTE, Life, LivedDay

SLEEP_APP: Final = SourceInfo("apple", name="Pillow", app="com.example.pillow", writer="com.example.pillow")
CYCLE: Final = (("light", 25), ("deep", 25), ("light", 20), ("rem", 20))  # ninety minutes, give or take
ASLEEP: Final = frozenset({"light", "deep", "rem"})
NAP_FROM: Final = 14 * 60

Piece = tuple[int, int, str]  # start and end in ms, stage


def slept(before: LivedDay, day: LivedDay, dice: random.Random) -> list[Piece]:
    """Return the night between two days, and a nap of the second now and then."""
    at = before.start + before.bed * MINUTE + dice.randrange(5, 25) * MINUTE
    end = day.start + day.wake * MINUTE
    pieces: list[Piece] = []
    while at < end:
        for stage, minutes in CYCLE:
            length = max(3, minutes + dice.randrange(-8, 9))
            pieces.append((at, min(at + length * MINUTE, end), stage))
            at = pieces[-1][1]
            if at >= end:
                break
        if at < end and dice.random() < 0.45:
            pieces.append((at, min(at + dice.choice((2, 3, 6, 15, 40)) * MINUTE, end), "awake"))
            at = pieces[-1][1]
    while pieces[-1][2] == "awake":
        pieces.pop()
    if dice.random() < 0.15:
        nap = day.start + (NAP_FROM + dice.randrange(0, 90)) * MINUTE
        pieces.append((nap, nap + dice.randrange(25, 60) * MINUTE, "light"))
    return pieces


def truth(pieces: Sequence[Piece]) -> float:
    """Return minutes asleep."""
    return sum(end - start for start, end, stage in pieces if stage in ASLEEP) / MINUTE


def recorded(before: LivedDay, day: LivedDay, pieces: Sequence[Piece], dice: random.Random) -> list[list[StageRecord]]:
    """Return everything that was sent of the sleep that ended on a day, in several batches and no useful order."""
    night = [piece for piece in pieces if piece[0] < day.start + NAP_FROM * MINUTE]
    found: list[StageRecord] = []
    if worn(before, day, night):
        found += staged(WATCH, pieces, dice, missed=0.25)
        found.append(StageRecord(SLEEP_APP, night[0][0], night[-1][1], "sleeping"))
    if day.ring_worn[0]:
        found += staged(RING, pieces, dice, missed=0.15)
    found.append(StageRecord(PHONE, night[0][0] - 20 * MINUTE, night[-1][1] + 8 * MINUTE, "in_bed"))
    batches: list[list[StageRecord]] = [[] for _ in range(3)]
    for row in found:
        dice.choice(batches).append(row)
    for batch in batches:
        dice.shuffle(batch)
    return [*batches, dice.sample(found, len(found) // 3)]  # some of it once more


def worn(before: LivedDay, day: LivedDay, night: Sequence[Piece]) -> bool:
    """Return whether the watch was on all night."""
    evening = (night[0][0] - before.start) // MINUTE
    return all(before.worn[evening:]) and all(day.worn[: day.wake])


def staged(source: SourceInfo, pieces: Sequence[Piece], dice: random.Random, *, missed: float) -> Iterator[StageRecord]:
    """Yield stages as a device tells them: it takes a short wake for light sleep now and then, and errs by half a
    minute.
    """
    edge = pieces[0][0]
    for start, end, stage in pieces:
        heard = "light" if stage == "awake" and end - start < 5 * MINUTE and dice.random() < missed else stage
        begin = max(start, edge) if start <= edge else start
        edge = end + dice.randrange(-30, 31) * 1000
        yield StageRecord(source, begin, edge, heard)


@dataclass(frozen=True, slots=True)
class ReportedNight:
    """The sleep that ended on a day: minutes of it in truth, and what was sent of it."""

    day: date
    minutes: float
    batches: Sequence[Sequence[StageRecord]]


def reported_nights(life: Life, *, seed: int = 3) -> list[ReportedNight]:
    """Return the sleep of a life, night by night."""
    dice = random.Random(seed)
    found = []
    for before, day in pairwise(life.days):
        pieces = slept(before, day, dice)
        found.append(ReportedNight(day.day, truth(pieces), recorded(before, day, pieces, dice)))
    return found


def errors_of_sleep(nights: Sequence[ReportedNight], shown: Mapping[date, float]) -> Distribution:
    """Return the errors of minutes asleep, by day of waking."""
    return Distribution([(shown.get(night.day, 0.0) - night.minutes) / night.minutes for night in nights])


def all_added(nights: Sequence[ReportedNight]) -> dict[date, float]:
    """Return minutes asleep where every source's rows count."""
    return {
        night.day: sum(
            (row.end - row.start) / MINUTE
            for row in {row for batch in night.batches for row in batch}
            if row.stage in ASLEEP or row.stage == "sleeping"
        )
        for night in nights
    }
