"""Heart rate, its variability, oxygen in the blood, breathing, and the morning's scales."""

import math
from collections.abc import Iterator
from random import Random
from typing import Final

from wearlink.demo import effort, training
from wearlink.demo.day import MINUTE, DemoDay, DemoReading
from wearlink.demo.demo_users import Physique
from wearlink.demo.movement import SLOT, SLOT_MINUTES, MovementSlot, slots
from wearlink.demo.nights import DemoNight, asleep, bed_times, is_charging, is_worn, nights

HEART_MINUTES: Final = 5
RING_MINUTES: Final = 15  # at night
NIGHT_MINUTES: Final = 45  # between two readings of oxygen, breathing and variability


def readings(day: DemoDay) -> Iterator[DemoReading]:
    """Yield all vital signs of a day."""
    yield from _heart_rate(day)
    yield from _resting(day)
    yield from _by_night(day)
    yield from _ring(day)
    yield from _scales(day)


def _heart_rate(day: DemoDay) -> Iterator[DemoReading]:
    """Yield every five minutes that the watch was worn."""
    chance, sleep, lived, trained = day.chance("heart"), asleep(day), slots(day), training.sessions(day)
    body = day.demo_user.body
    for at in day.steps(HEART_MINUTES):
        noise = chance.gauss(0, 2.5)
        if not is_worn(day, at):
            continue
        session = next((one for one in trained if one.start <= at < one.end), None)
        if session is not None:
            value = training.pulse(session, at)
        elif any(start <= at < end for start, end in sleep):
            value = _asleep(day, at) + noise / 2
        else:
            slot = lived[(at - day.start) // SLOT * SLOT + day.start]
            value = effort.pulse(body, _oxygen(body, slot, chance)) + noise
        yield DemoReading("heart_rate", at, at, round(value), day.demo_user.watch)


def _oxygen(body: Physique, slot: MovementSlot, chance: Random) -> float:
    """Return what a glance at the wrist catches somebody at: on foot or not, as the ten minutes were shared."""
    if chance.random() < slot.walked / SLOT_MINUTES:
        return slot.oxygen * chance.uniform(0.9, 1.6)  # stairs, bags, a bus to catch
    return effort.oxygen_of(body, slot.idle, max(SLOT_MINUTES - slot.walked, 1))


def _asleep(day: DemoDay, at: int) -> float:
    return day.demo_user.body.resting_bpm + _tired(day) + 2.5 * math.sin(at / (90 * MINUTE))


def _tired(day: DemoDay) -> float:
    """Return beats by which hard weeks raise the pulse at rest."""
    return 2 * math.sin(day.date.toordinal() / 9)


def _resting(day: DemoDay) -> Iterator[DemoReading]:
    """Yield known when the end user is up, from a night with the watch."""
    if is_charging(day):
        return
    wake = bed_times(day)[1]
    value = day.demo_user.body.resting_bpm + _tired(day) + day.chance("resting").gauss(0, 1)
    yield DemoReading("resting_heart_rate", wake, wake, round(value), day.demo_user.watch)


def _by_night(day: DemoDay) -> Iterator[DemoReading]:
    """Yield what the watch measures while its wearer sleeps."""
    night = next(iter(nights(day)))
    if is_charging(day) or night.device is not day.demo_user.watch:
        return
    chance, watch = day.chance("night"), day.demo_user.watch
    rested = 1 + 0.12 * math.sin(day.date.toordinal() / 7)
    for at in range(night.start + 20 * MINUTE, night.end, NIGHT_MINUTES * MINUTE):
        variability = day.demo_user.body.hrv_ms * rested * chance.uniform(0.8, 1.2)
        yield DemoReading("variability", at, at + MINUTE, round(variability, 1), watch)
        yield DemoReading("oxygen", at, at, min(100.0, round(chance.gauss(96.6, 0.9), 1)), watch)
        yield DemoReading("breathing", at, at, round(chance.gauss(14.4, 0.6), 1), watch)


def _ring(day: DemoDay) -> Iterator[DemoReading]:
    """Yield the pulse that a ring takes at night, at minutes of its own."""
    ring = day.demo_user.ring
    night: DemoNight | None = next((one for one in nights(day) if one.device is ring), None)
    if ring is None or night is None:
        return
    chance = day.chance("ring pulse")
    for at in range(night.start + 2 * MINUTE, night.end, RING_MINUTES * MINUTE):
        yield DemoReading("heart_rate", at, at, round(_asleep(day, at) + chance.gauss(0, 1)), ring)


def _scales(day: DemoDay) -> Iterator[DemoReading]:
    """Yield weight every third morning at home, and height and resting energy with it."""
    if not day.every(3) or day.trip is not None:
        return
    demo_user, at = day.demo_user, bed_times(day)[1] + 15 * MINUTE
    body = demo_user.body
    trend = -0.01 * (day.date.toordinal() % 120) + 0.6
    weight = round(body.weight_kg + trend + day.chance("scales").gauss(0, 0.25), 1)
    basal = round(effort.basal_kcal(body, day.date.year, weight))
    yield DemoReading("weight", at, at, weight, demo_user.phone)
    yield DemoReading("height", at, at, body.height_m, demo_user.phone)
    yield DemoReading("metabolic_rate", at, at, basal, demo_user.watch)
