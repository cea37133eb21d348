"""Steps, distance, energy, floors, and minutes of exercise and standing, all of the same ten minutes.

Watch and phone count the same steps, the phone only where it was carried; a ring counts by the hour, and its own way.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wearlink.demo import effort
from wearlink.demo.day import HOUR, MINUTE, DemoDay, DemoReading
from wearlink.demo.nights import asleep, is_worn
from wearlink.demo.training import TrainingSession, sessions

SLOT_MINUTES: Final = 10
SLOT: Final = SLOT_MINUTES * MINUTE
BUSY_HOURS: Final = ((8.2, 0.7), (12.7, 0.6), (18.2, 0.9))  # local hour, weight
PUTTERING_OXYGEN: Final = 1.0  # mL/kg/min above rest of a waking minute that is no walk: sitting, cooking, standing
BASAL_AWAKE: Final = 1.03
BASAL_ASLEEP: Final = 0.94
FLOOR_EVERY: Final = 900  # steps, about
STOOD_STEPS: Final = 40  # in an hour in which somebody stood up


@dataclass(slots=True)
class MovementSlot:
    """Ten minutes of somebody's life. brisk: minutes of brisk effort. walked: minutes on foot, at `oxygen` above rest;
    idle: kcal of the minutes that are neither walk nor workout.
    """

    steps: int = 0
    meters: float = 0.0
    kcal: float = 0.0
    brisk: float = 0.0
    is_awake: bool = False
    walked: float = 0.0
    oxygen: float = 0.0
    idle: float = 0.0

    def add_walk(self, day: DemoDay, minutes: float, speed: float) -> None:
        """Put some minutes of walking in."""
        self.steps += round(minutes * effort.cadence(speed, running=False))
        self.meters += minutes * 60 * speed
        self.walked, self.oxygen = minutes, effort.walking_oxygen(speed)
        self.kcal += effort.kcal(day.demo_user.body, self.oxygen, minutes)
        if self.oxygen / effort.REST_OXYGEN + 1 >= effort.BRISK_METS:
            self.brisk += minutes

    def add_training(self, session: TrainingSession, minutes: float) -> None:
        """Put some minutes of a workout in: its own distance and energy, and the steps that belong to its speed."""
        self.kcal += session.kcal * minutes * 60 / session.seconds
        self.brisk += minutes
        if session.sport.kind in effort.ON_FOOT and session.speed:
            self.steps += round(minutes * effort.cadence(session.speed, running=session.is_running))
            self.meters += session.speed * 60 * minutes


def slots(day: DemoDay) -> dict[int, MovementSlot]:
    """Return every ten minutes of the day by their start."""
    chance, trained, sleep = day.chance("steps"), sessions(day), asleep(day)
    wanted = day.demo_user.habits.daily_steps * math.exp(chance.gauss(0, 0.28)) * (0.8 if _is_weekend(day) else 1.05)
    found = {at: MovementSlot(is_awake=_is_awake(at, sleep)) for at in day.steps(SLOT_MINUTES)}
    weights = {at: _weight(day, at, slot, trained) * chance.expovariate(1) for at, slot in found.items()}
    total = sum(weights.values())
    for at, slot in found.items():
        _live(day, at, slot, trained, wanted * weights[at] / total)
    return found


def _live(day: DemoDay, at: int, slot: MovementSlot, trained: list[TrainingSession], steps: float) -> None:
    """Fill one slot: training, then walking as far as the time that is left allows, then the rest of the time."""
    left = float(SLOT_MINUTES)
    for session in trained:
        minutes = session.shared(at, at + SLOT)
        if minutes:
            slot.add_training(session, minutes)
            left -= minutes
    speed = effort.stroll(day.demo_user.body) * day.chance(f"pace {at}").uniform(0.85, 1.25)
    walked = min(left, steps / effort.cadence(speed, running=False))
    if walked * effort.cadence(speed, running=False) >= 4:
        slot.add_walk(day, walked, speed)
        left -= walked
    if slot.is_awake and left > 0:
        oxygen = PUTTERING_OXYGEN * 2 * day.chance(f"rest {at}").random()
        slot.idle = effort.kcal(day.demo_user.body, oxygen, left)
        slot.kcal += slot.idle


def _is_weekend(day: DemoDay) -> bool:
    return day.date.weekday() >= 5


def _is_awake(at: int, sleep: list[tuple[int, int]]) -> bool:
    return not any(start < at + SLOT and at < end for start, end in sleep)


def _weight(day: DemoDay, at: int, slot: MovementSlot, trained: list[TrainingSession]) -> float:
    if not slot.is_awake:
        return 0.0
    hour = (at - day.start) / HOUR
    busy = 0.25 + sum(weight * math.exp(-(((hour - peak) / 0.9) ** 2)) for peak, weight in BUSY_HOURS)
    return busy * (1 - sum(one.shared(at, at + SLOT) for one in trained) / SLOT_MINUTES)


def readings(day: DemoDay) -> Iterator[DemoReading]:
    """Yield what the devices tell of a day's movement."""
    lived = slots(day)
    yield from _watch(day, lived)
    yield from _phone(day, lived)
    yield from _ring(day, lived)


def _watch(day: DemoDay, lived: Mapping[int, MovementSlot]) -> Iterator[DemoReading]:
    """Yield the wrist's readings; nothing where the watch lay on its charger."""
    watch, worn = day.demo_user.watch, {at: slot for at, slot in lived.items() if is_worn(day, at)}
    for at, slot in worn.items():
        end = at + SLOT
        if slot.steps:
            yield DemoReading("steps", at, end, slot.steps, watch)
            yield DemoReading("distance", at, end, round(slot.meters, 1), watch)
        if slot.kcal >= 0.1:
            yield DemoReading("active_energy", at, end, round(slot.kcal, 1), watch)
        if slot.brisk >= 1:
            yield DemoReading("exercise", at, end, round(slot.brisk), watch)
    yield from _hours(day, worn)


def _hours(day: DemoDay, worn: Mapping[int, MovementSlot]) -> Iterator[DemoReading]:
    """Yield figures that watches tell by the hour: energy at rest and in all (also from their charger), standing,
    floors.
    """
    watch, body = day.demo_user.watch, day.demo_user.body
    basal, sleep = effort.basal_kcal(body, day.date.year, body.weight_kg) / 1440, asleep(day)
    climbs = day.chance("floors")
    for hour in day.steps(60):
        end = min(hour + HOUR, day.end)
        part = [worn[at] for at in range(hour, end, SLOT) if at in worn]
        resting = basal * (end - hour) / MINUTE * (BASAL_AWAKE if _is_awake(hour, sleep) else BASAL_ASLEEP)
        yield DemoReading("basal_energy", hour, end, round(resting, 1), watch)
        yield DemoReading("total_energy", hour, end, round(resting + sum(slot.kcal for slot in part), 1), watch)
        steps = sum(slot.steps for slot in part)
        floors = sum(climbs.random() < 1 / FLOOR_EVERY for _ in range(steps))
        if floors:
            yield DemoReading("floors", hour, end, floors, watch)
        if steps >= STOOD_STEPS:
            yield DemoReading("stand_time", hour, end, min(round(steps / 60) + climbs.randint(1, 6), 55), watch)
        if any(slot.is_awake for slot in part):
            yield DemoReading("stood", hour, end, 0 if steps >= STOOD_STEPS else 1, watch)


def _phone(day: DemoDay, lived: Mapping[int, MovementSlot]) -> Iterator[DemoReading]:
    """Yield the same steps where the phone was carried, and no run: it stays at home."""
    chance, phone, share = day.chance("phone"), day.demo_user.phone, day.demo_user.habits.carries_phone
    trained = sessions(day)
    for at, slot in lived.items():
        carried = chance.random() < share and not any(one.shared(at, at + SLOT) for one in trained)
        if carried and slot.steps:
            counted = max(1, round(slot.steps * chance.uniform(0.85, 1.02)))
            yield DemoReading("steps", at, at + SLOT, counted, phone)


def _ring(day: DemoDay, lived: Mapping[int, MovementSlot]) -> Iterator[DemoReading]:
    """Yield a finger moves otherwise than a wrist, so a ring's count is another one."""
    if day.demo_user.ring is None:
        return
    chance = day.chance("ring")
    for hour in day.steps(60):
        steps = sum(lived[at].steps for at in range(hour, min(hour + HOUR, day.end), SLOT))
        if steps:
            counted = round(steps * chance.uniform(0.9, 1.18))
            yield DemoReading("steps", hour, min(hour + HOUR, day.end), counted, day.demo_user.ring)
