"""Days of simulated people: what exists of a collection on a date, at a moment."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from providers.adapters.oura.simulated.nights import MINUTE, ZONE, OuraNight, local, text
from providers.adapters.oura.simulated.workouts import SimulatedExercise, exercise
from providers.simulator.noise import between, name_of, number, share
from wearlink.lib.clock import rfc3339

DAY_MS: Final = 86_400_000
VIGOROUS: Final = 6.0  # metabolic equivalents, as WHO's guidelines draw the line
CONTRIBUTORS: Final = {
    "daily_sleep": ("deep_sleep", "efficiency", "latency", "rem_sleep", "restfulness", "timing", "total_sleep"),
    "daily_readiness": ("activity_balance", "body_temperature", "hrv_balance", "previous_night", "resting_heart_rate"),
    "daily_activity": ("meet_daily_targets", "move_every_hour", "recovery_time", "stay_active", "training_volume"),
}
Document = dict[str, Any]


def scored(collection: str, account: str, day: date, night: OuraNight) -> Document:
    names = CONTRIBUTORS[collection]
    found: Document = {
        "id": name_of(collection, account, day),
        "day": day.isoformat(),
        "timestamp": f"{day}T00:00:00+00:00",
        "score": _score(collection, account, day, night) + night.revision,
        "contributors": {name: number(60, 99, collection, name, account, day) for name in names},
    }
    if collection == "daily_readiness":
        found["temperature_deviation"] = round(between(-0.4, 0.4, "temperature", account, day), 2)
        found["temperature_trend_deviation"] = round(between(-0.2, 0.2, "trend", account, day), 2)
    return found


def _score(collection: str, account: str, day: date, night: OuraNight) -> int:
    """Readiness follows the night at some distance."""
    score = night.score()
    return score if collection == "daily_sleep" else min(max(score + number(-9, 8, collection, account, day), 40), 97)


def activity(account: str, day: date, now: int) -> Document:
    """daily_activity: from four in the morning; the current day grows with the clock."""
    start = local(day, 240)
    passed = min(max(now - start, 0), DAY_MS) / DAY_MS
    awake = min(max(passed - 0.12, 0) / 0.7, 1)
    trained = exercise(account, day)
    done = trained if trained is not None and trained.end <= now else None
    steps = int(number(4200, 11500, "steps", account, day) * awake) + (done.steps if done else 0)
    active = int(0.038 * steps + (done.kcal if done else 0) + number(40, 160, "active", account, day) * awake)
    names = CONTRIBUTORS["daily_activity"]
    return {
        "id": name_of("daily_activity", account, day),
        "day": day.isoformat(),
        "timestamp": text(start),
        "score": number(62, 97, "activity", account, day) if passed == 1 else None,
        "contributors": {name: number(60, 99, name, account, day) if passed == 1 else None for name in names},
        "steps": steps,
        "active_calories": active,
        "total_calories": active + int(1550 * passed),
        "equivalent_walking_distance": int(steps * 0.76),
        **_times(account, day, passed, done),
        "average_met_minutes": round(between(1.3, 1.7, "average met", account, day), 2),
        "met": {"interval": 60.0, "items": _met(account, day, start, int(passed * 1440)), "timestamp": text(start)},
        "class_5_min": None,
        "inactivity_alerts": number(0, 4, "alerts", account, day),
        "target_calories": 500,
        "target_meters": 9000,
        "meters_to_target": 9000 - int(steps * 0.76),
    }


def _times(account: str, day: date, passed: float, done: SimulatedExercise | None) -> Document:
    """Return seconds by intensity, which add up to what has passed of the day."""
    elapsed = int(86_400 * passed)
    hard = 60 * done.minutes if done and done.met >= VIGOROUS else 0
    medium = 60 * (number(12, 55, "medium", account, day) + (done.minutes if done and not hard else 0))
    low, resting = (60 * number(*bounds, account, day) for bounds in ((150, 330, "low"), (430, 560, "resting")))
    medium, low, resting = (int(seconds * passed) for seconds in (medium, low, resting))
    hard = min(hard, elapsed - medium - low - resting)
    return {
        "high_activity_time": hard,
        "medium_activity_time": medium,
        "low_activity_time": low,
        "sedentary_time": elapsed - hard - medium - low - resting,
        "resting_time": resting,
        "non_wear_time": 0,
    }


def _met(account: str, day: date, start: int, minutes: int) -> list[float]:
    """Return a value a minute: quiet or about, and the workout's own."""
    trained = exercise(account, day)
    found = []
    for passed in range(minutes):
        at = start + passed * MINUTE
        if trained is not None and trained.start <= at < trained.end:
            found.append(round(trained.met, 1))
        else:
            found.append(round(between(0.9, 2.4, "met", account, day, passed // 15), 1))
    return found


def simple(collection: str, account: str, day: date) -> Document | None:
    """Return the other daily figures, there in the morning."""
    found: Document = {"id": name_of(collection, account, day), "day": day.isoformat()}
    if collection == "daily_spo2":
        average = 0 if share("no signal", account, day) < 0.05 else round(between(95, 98.5, "spo2", account, day), 2)
        found |= {"spo2_percentage": {"average": average}, "breathing_disturbance_index": number(0, 12, account, day)}
    elif collection == "daily_stress":
        found |= {"stress_high": number(1800, 9000, "stress", account, day)}
        found |= {"recovery_high": number(1800, 12600, "recovery", account, day), "day_summary": "normal"}
    elif collection == "daily_resilience":
        parts = ("sleep_recovery", "daytime_recovery", "stress")
        found |= {"level": ("adequate", "solid", "strong")[number(0, 2, "level", account, day.isocalendar()[1])]}
        found |= {"contributors": {part: round(between(40, 90, part, account, day), 1) for part in parts}}
    elif collection == "daily_cardiovascular_age":
        found |= {"vascular_age": number(33, 36, "age", account, day), "pulse_wave_velocity": 6.4}
    elif collection == "vO2_max" and day.weekday() == 6:
        found |= {"timestamp": text(local(day, 1080)), "vo2_max": number(41, 45, "vo2", account, day)}
    elif collection == "sleep_time":
        offsets = {"day_tz": 3600, "start_offset": -5400, "end_offset": -1800}
        found |= {"optimal_bedtime": offsets, "recommendation": "follow_optimal_bedtime", "status": "optimal_found"}
    else:
        return None
    return found


def session(account: str, day: date) -> tuple[int, Document] | None:
    """Ten minutes of breathing on every third evening."""
    if day.toordinal() % 3:
        return None
    start = local(day, 1290)
    items: list[float | None] = [round(between(56, 68, "calm", account, day, at), 1) for at in range(20)]
    packed = {"interval": 30.0, "items": [None, *items[1:]], "timestamp": text(start)}
    found = {"id": name_of("session", account, day), "day": day.isoformat(), "type": "breathing", "mood": "good"}
    found |= {"start_datetime": text(start), "end_datetime": text(start + 10 * MINUTE)}
    return start + 10 * MINUTE, {**found, "heart_rate": packed, "heart_rate_variability": None, "motion_count": None}


def heart_rates(account: str, start: int, end: int) -> Iterator[Document]:
    """Yield a value every five minutes, [start, end) in ms; at odd seconds, not on the grid of nights and sessions."""
    step = 5 * MINUTE
    for nominal in range(start - start % step, end, step):
        at = nominal + 1000 * number(1, 29, "odd", account, nominal)
        if start <= at < end:
            hour = (at // 3_600_000) % 24
            asleep = hour >= 23 or hour < 5
            pulse = number(48, 58, "hr", account, at) if asleep else number(60, 88, "hr", account, at)
            trained = exercise(account, datetime.fromtimestamp(at / 1000, UTC).astimezone(ZONE).date())
            if trained is not None and trained.start <= at < trained.end:
                pulse = trained.pulse(at)
            stamp = {"timestamp": rfc3339(at), "timestamp_unix": at}
            yield {**stamp, "bpm": pulse, "source": "sleep" if asleep else "awake"}


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield all dates, both ends included."""
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)
