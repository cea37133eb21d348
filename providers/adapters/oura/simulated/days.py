"""Days of simulated people: what exists of a collection on a date, at a moment."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from providers.adapters.oura.simulated.nights import MINUTE, OuraNight, local, text
from providers.simulator.noise import between, name_of, number, share
from wearlink.lib.clock import rfc3339

DAY_MS: Final = 86_400_000
CONTRIBUTORS: Final = {
    "daily_sleep": ("deep_sleep", "efficiency", "latency", "rem_sleep", "restfulness", "timing", "total_sleep"),
    "daily_readiness": ("activity_balance", "body_temperature", "hrv_balance", "previous_night", "resting_heart_rate"),
    "daily_activity": ("meet_daily_targets", "move_every_hour", "recovery_time", "stay_active", "training_volume"),
}
Document = dict[str, Any]


def scored(collection: str, account: str, day: date, night: OuraNight) -> Document:
    """daily_sleep and daily_readiness."""
    names = CONTRIBUTORS[collection]
    found: Document = {
        "id": name_of(collection, account, day),
        "day": day.isoformat(),
        "timestamp": f"{day}T00:00:00+00:00",
        "score": number(68, 92, collection, account, day) + night.revision,
        "contributors": {name: number(60, 99, collection, name, account, day) for name in names},
    }
    if collection == "daily_readiness":
        found["temperature_deviation"] = round(between(-0.4, 0.4, "temperature", account, day), 2)
        found["temperature_trend_deviation"] = round(between(-0.2, 0.2, "trend", account, day), 2)
    return found


def activity(account: str, day: date, now: int) -> Document:
    """daily_activity: from four in the morning; the current day grows with the clock."""
    start = local(day, 240)
    passed = min(max(now - start, 0), DAY_MS) / DAY_MS
    awake = min(max(passed - 0.12, 0) / 0.7, 1)
    steps = int(number(6500, 12500, "steps", account, day) * awake)
    active = int(number(320, 640, "active", account, day) * awake)
    minutes = int(passed * 1440)
    names = CONTRIBUTORS["daily_activity"]
    return {
        "id": name_of("daily_activity", account, day),
        "day": day.isoformat(),
        "timestamp": text(start),
        "score": number(70, 95, "activity", account, day) if passed == 1 else None,
        "contributors": {name: number(60, 99, name, account, day) if passed == 1 else None for name in names},
        "steps": steps,
        "active_calories": active,
        "total_calories": active + int(1550 * passed),
        "equivalent_walking_distance": int(steps * 0.76),
        "high_activity_time": int(1500 * awake),
        "medium_activity_time": int(2700 * awake),
        "low_activity_time": int(12600 * awake),
        "sedentary_time": int(28800 * awake),
        "resting_time": int(28800 * passed),
        "non_wear_time": 0,
        "average_met_minutes": 1.45,
        "met": {
            "interval": 60.0,
            "items": [round(between(0.9, 2.4, "met", account, day, at // 15), 1) for at in range(minutes)],
            "timestamp": text(start),
        },
        "class_5_min": None,
        "inactivity_alerts": 1,
        "target_calories": 500,
        "target_meters": 9000,
        "meters_to_target": 9000 - int(steps * 0.76),
    }


def simple(collection: str, account: str, day: date) -> Document | None:
    """The other daily figures, there in the morning."""
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


def workout(account: str, day: date) -> tuple[int, Document] | None:
    """One on every second day; with its end."""
    if (day.toordinal() + len(account)) % 2:
        return None
    start = local(day, number(1020, 1100, "starts", account, day))
    end = start + number(30, 65, "lasts", account, day) * MINUTE
    kind = ("walking", "cycling", "strengthTraining", "running")[number(0, 3, "kind", account, day)]
    return end, {
        "id": name_of("workout", account, day),
        "day": day.isoformat(),
        "activity": kind,
        "start_datetime": text(start),
        "end_datetime": text(end),
        "calories": round(between(150, 420, "burnt", account, day), 1),
        "distance": None if kind == "strengthTraining" else round(between(2500, 9000, "way", account, day), 1),
        "intensity": "moderate",
        "label": None,
        "source": "autodetected",
    }


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
    """One in five minutes, [start, end) in ms; at odd seconds, not on the grid of nights and sessions."""
    step = 5 * MINUTE
    for nominal in range(start - start % step, end, step):
        at = nominal + 1000 * number(1, 29, "odd", account, nominal)
        if start <= at < end:
            hour = (at // 3_600_000) % 24
            asleep = hour >= 23 or hour < 5
            pulse = number(48, 58, "hr", account, at) if asleep else number(60, 92, "hr", account, at)
            stamp = {"timestamp": rfc3339(at), "timestamp_unix": at}
            yield {**stamp, "bpm": pulse, "source": "sleep" if asleep else "awake"}


def days_between(first: date, last: date) -> Iterator[date]:
    """Both ends included."""
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)
