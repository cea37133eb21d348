"""Steps, distance and energy. Watch and phone count the same minutes, the phone only where it was carried."""

import math
from collections.abc import Iterator
from typing import Final

from wearlink.demo.day import HOUR, MINUTE, DemoDay, DemoReading
from wearlink.demo.nights import asleep
from wearlink.demo.training import TrainingSession, sessions

SLOT_MINUTES: Final = 10
SLOT: Final = SLOT_MINUTES * MINUTE
STRIDE: Final = 0.413  # of the body's height
BUSY_HOURS: Final = ((8.2, 0.7), (12.7, 0.6), (18.2, 0.9))  # local hour, weight
ON_FOOT: Final = frozenset({"running", "walking"})
STEP_KCAL: Final = 0.00055  # a kilogramme of body weight


def steps(day: DemoDay) -> dict[int, int]:
    """Steps by the start of each ten minutes in which there were any."""
    chance = day.chance("steps")
    mood = chance.uniform(0.65, 1.3)
    sleep = asleep(day)
    weights = {at: _weight(day, at, sleep) * chance.expovariate(1) for at in day.steps(SLOT_MINUTES)}
    total = sum(weights.values())
    counted = {at: round(day.demo_user.daily_steps * mood * weight / total) for at, weight in weights.items()}
    for session in sessions(day):
        for at in counted:
            counted[at] += _training_steps(session, at)
    return {at: min(number, 1_900) for at, number in counted.items() if number >= 4}


def _weight(day: DemoDay, at: int, sleep: list[tuple[int, int]]) -> float:
    if any(start < at + SLOT and at < end for start, end in sleep):
        return 0.0
    hour = (at - day.start) / HOUR
    return 0.25 + sum(weight * math.exp(-(((hour - peak) / 0.9) ** 2)) for peak, weight in BUSY_HOURS)


def _training_steps(session: TrainingSession, at: int) -> int:
    if session.sport.kind not in ON_FOOT:
        return 0
    return round(_shared(session, at) / MINUTE * (165 if session.sport.kind == "running" else 112))


def _shared(session: TrainingSession, at: int) -> int:
    """Milliseconds of the ten minutes from `at` that belong to the session."""
    return max(0, min(at + SLOT, session.end) - max(at, session.start))


def readings(day: DemoDay) -> Iterator[DemoReading]:
    """Steps of both devices, distance, active and basal energy."""
    demo_user, counted = day.demo_user, steps(day)
    carried = day.chance("phone")
    for at, number in counted.items():
        yield DemoReading("steps", at, at + SLOT, number, demo_user.watch)
        if carried.random() < 0.7:
            yield DemoReading(
                "steps", at, at + SLOT, max(1, round(number * carried.uniform(0.8, 1.02))), demo_user.phone
            )
        yield DemoReading("distance", at, at + SLOT, round(number * STRIDE * demo_user.height_m, 1), demo_user.watch)
    yield from _energy(day, counted)


def _energy(day: DemoDay, counted: dict[int, int]) -> Iterator[DemoReading]:
    """Active energy by ten minutes; basal, and both together, by the hour."""
    demo_user, trained = day.demo_user, list(sessions(day))
    active = {at: _active(day, counted.get(at, 0), trained, at) for at in day.steps(SLOT_MINUTES)}
    for at, kcal in active.items():
        if kcal > 0:
            yield DemoReading("active_energy", at, at + SLOT, kcal, demo_user.watch)
    basal = round(demo_user.basal_kcal / 24, 1)
    for at in day.steps(60):
        moved = sum(active[slot] for slot in range(at, at + HOUR, SLOT))
        yield DemoReading("basal_energy", at, at + HOUR, basal, demo_user.watch)
        yield DemoReading("total_energy", at, at + HOUR, round(basal + moved, 1), demo_user.watch)


def _active(day: DemoDay, number: int, trained: list[TrainingSession], at: int) -> float:
    """kcal of the ten minutes from `at`: the steps', and what training on other machines adds."""
    walked = number * STEP_KCAL * day.demo_user.weight_kg
    return round(walked + sum(one.sport.energy * one.effort * _shared(one, at) / MINUTE for one in trained), 1)
