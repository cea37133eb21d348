"""Heart rate, its variability, oxygen in the blood, breathing, and the morning's scales."""

import math
from collections.abc import Iterator
from typing import Final

from wearlink.demo import training
from wearlink.demo.day import HOUR, MINUTE, DemoDay, DemoReading
from wearlink.demo.movement import SLOT, steps
from wearlink.demo.nights import asleep, nights

HEART_MINUTES: Final = 5
NIGHT_MINUTES: Final = 45  # between two readings of oxygen, breathing and variability


def readings(day: DemoDay) -> Iterator[DemoReading]:
    """All vital signs of a day."""
    yield from _heart_rate(day)
    yield from _resting(day)
    yield from _by_night(day)
    yield from _scales(day)


def _heart_rate(day: DemoDay) -> Iterator[DemoReading]:
    chance, sleep, walked, trained = day.chance("heart"), asleep(day), steps(day), list(training.sessions(day))
    for at in day.steps(HEART_MINUTES):
        noise = chance.gauss(0, 2.5)
        session = next((one for one in trained if one.start <= at < one.end), None)
        if session is not None:
            value = training.pulse(session, at)
        elif any(start <= at < end for start, end in sleep):
            value = day.demo_user.resting_bpm + 2.5 * math.sin(at / (90 * MINUTE)) + noise / 2
        else:
            moving = walked.get((at - day.start) // SLOT * SLOT + day.start, 0) / 40
            value = day.demo_user.resting_bpm + 13 + 4 * math.sin((at - day.start) / HOUR / 3) + min(moving, 35) + noise
        yield DemoReading("heart_rate", at, at, round(value), day.demo_user.watch)


def _resting(day: DemoDay) -> Iterator[DemoReading]:
    """Known when the end user is up; tired weeks raise it a little."""
    wake = woken(day)
    value = day.demo_user.resting_bpm + 2 * math.sin(day.date.toordinal() / 9) + day.chance("resting").gauss(0, 1)
    yield DemoReading("resting_heart_rate", wake, wake, round(value), day.demo_user.watch)


def woken(day: DemoDay) -> int:
    """When the end user got up, ms."""
    return next(iter(nights(day))).end


def _by_night(day: DemoDay) -> Iterator[DemoReading]:
    """The watch looks while its wearer sleeps."""
    chance, watch = day.chance("night"), day.demo_user.watch
    night = next(iter(nights(day)))
    if night.device is not watch:
        return
    rested = 1 + 0.12 * math.sin(day.date.toordinal() / 7)
    for at in range(night.start + 20 * MINUTE, night.end, NIGHT_MINUTES * MINUTE):
        variability = day.demo_user.hrv_ms * rested * chance.uniform(0.8, 1.2)
        yield DemoReading("variability", at, at + MINUTE, round(variability, 1), watch)
        yield DemoReading("oxygen", at, at, min(100.0, round(chance.gauss(96.6, 0.9), 1)), watch)
        yield DemoReading("breathing", at, at, round(chance.gauss(14.4, 0.6), 1), watch)


def _scales(day: DemoDay) -> Iterator[DemoReading]:
    """Weight every third morning, and height and resting energy with it."""
    if not day.every(3):
        return
    demo_user, at = day.demo_user, woken(day) + 15 * MINUTE
    trend = -0.01 * (day.date.toordinal() % 120) + 0.6
    weight = demo_user.weight_kg + trend + day.chance("scales").gauss(0, 0.25)
    yield DemoReading("weight", at, at, round(weight, 1), demo_user.phone)
    yield DemoReading("height", at, at, demo_user.height_m, demo_user.phone)
    yield DemoReading("metabolic_rate", at, at, demo_user.basal_kcal, demo_user.watch)
