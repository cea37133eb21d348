"""The days of Polar's simulated end users: a night a day, a workout every second one, and the day itself."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from providers.simulator.noise import between, name_of, number

ZONE: Final = ZoneInfo("Europe/Helsinki")
MINUTE: Final = 60_000
HISTORY: Final = 28  # days
Document = dict[str, Any]


def today(now: int) -> date:
    """Return the date where the people live."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZONE).date()


def days(now: int) -> list[date]:
    """Return those Polar still lists, oldest first."""
    return [today(now) - timedelta(days=ago) for ago in range(HISTORY, -1, -1)]


def local(day: date, minutes: float) -> datetime:
    """Return a wall time, given in minutes from the day's midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(minutes=minutes)


def ms(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def exercise_id(account: str, day: date) -> str:
    """Return letters and digits without meaning."""
    return name_of("exercise", account, day).replace("-", "")[:8]


def exercise(account: str, day: date, now: int, revision: int = 0) -> Document | None:
    """Return it with its start on the wearer's clock; known once it is over."""
    if (day.toordinal() + int(account)) % 2:
        return None
    start = local(day, number(1020, 1100, "starts", account, day))
    seconds = number(30, 60, "lasts", account, day) * 60
    if ms(start) + seconds * 1000 > now:
        return None
    offset = start.utcoffset() or timedelta()
    pulses = [number(110, 165, "pulse", account, day, at) for at in range(seconds // 5)]
    return {
        "id": exercise_id(account, day),
        "upload_time": start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "device": "Polar Vantage V3",
        "start_time": start.strftime("%Y-%m-%dT%H:%M:%S"),
        "start_time_utc_offset": int(offset.total_seconds()) // 60,
        "duration": f"PT{seconds // 60}M",
        "calories": number(250, 600, "burnt", account, day) + 100 * revision,
        "distance": round(between(4000, 11000, "way", account, day), 1),
        "heart_rate": {"average": sum(pulses) // len(pulses), "maximum": max(pulses)},
        "sport": "RUNNING",
        "detailed_sport_info": "TRAIL_RUNNING",
        "has_route": False,
        "heart_rate_zones": [{"index": 1, "lower-limit": 95, "upper-limit": 114, "in-zone": "PT5M"}],
        "samples": [{"recording-rate": 5, "sample-type": "0", "data": ",".join(map(str, pulses))}],
    }


class PolarNight:
    """The night before a day of waking, in its revision."""

    def __init__(self, account: str, day: date, revision: int = 0) -> None:
        self.account, self.day = account, day
        self.start = local(day - timedelta(days=1), number(1350, 1400, "bed", account, day))
        self.end = self.start + timedelta(minutes=number(420, 500, "long", account, day) + 10 * revision)

    def is_known(self, now: int) -> bool:
        """Return half an hour after waking."""
        return ms(self.end) + 30 * MINUTE <= now

    def sleep(self) -> Document:
        """Return a hypnogram by times of day, across midnight."""
        codes = (0, 3, 4, 2, 1)
        stamps = [self.start + timedelta(minutes=25 * at) for at in range(17)]
        return {
            "date": self.day.isoformat(),
            "sleep_start_time": self.start.isoformat(timespec="seconds"),
            "sleep_end_time": self.end.isoformat(timespec="seconds"),
            "sleep_score": number(60, 92, "score", self.account, self.day),
            "hypnogram": {
                f"{stamp:%H:%M}": codes[at % 5] for at, stamp in enumerate(stamps) if stamp < self.end
            },
            "heart_rate_samples": {f"{stamp:%H:%M}": 50 + at % 7 for at, stamp in enumerate(stamps)},
        }  # fmt: skip

    def recharge(self) -> Document:
        """Return the recharge: four hours from half an hour after falling asleep."""
        stamps = [self.start + timedelta(minutes=30 + 5 * at) for at in range(48)]
        return {
            "date": self.day.isoformat(),
            "heart_rate_avg": 54,
            "beat_to_beat_avg": 1111,
            "heart_rate_variability_avg": number(35, 60, "rmssd", self.account, self.day),
            "breathing_rate_avg": 13.7,
            "nightly_recharge_status": number(1, 6, "recharge", self.account, self.day),
            "ans_charge": round(between(-6, 6, "ans", self.account, self.day), 1),
            "ans_charge_status": 3,
            "hrv_samples": {f"{stamp:%H:%M}": 40 + at % 20 for at, stamp in enumerate(stamps)},
            "breathing_samples": {f"{stamp:%H:%M}": 13.5 for stamp in stamps},
        }


def activity(account: str, day: date, now: int) -> Document:
    """Return a day that grows; steps are sent only where they change."""
    hours = max(min((now - ms(local(day, 0))) // 3_600_000, 24), 0)
    rates = [(7, number(20, 60, "slow", account, day)), (8, 0), (17, number(80, 110, "fast", account, day)), (18, 0)]
    reached = [(hour, steps) for hour, steps in [(0, 0), *rates] if hour <= hours]
    total = sum(60 * steps for hour, steps in reached if hour < hours)
    rows = [{"steps": steps, "timestamp": f"{day}T{hour:02}:00"} for hour, steps in reached]
    if hours and reached[-1][1]:
        rows, total = rows[:-1], total - 60 * reached[-1][1] * (reached[-1][0] < hours)
    return {
        "start_time": f"{day}T00:00:00",
        "end_time": f"{day}T23:59:59",
        "active_duration": f"PT{hours // 6}H30M",
        "calories": 1600 + 20 * hours,
        "active_calories": 20 * hours,
        "steps": total,
        "distance_from_steps": total * 0.75,
        "samples": {
            "date": day.isoformat(),
            "steps": {"interval_ms": 60_000, "total_steps": total, "samples": rows},
        },
    }


def heart_rates(account: str, day: date, now: int) -> Document:
    """Return a value every five minutes, at odd seconds."""
    known = [minute for minute in range(420, 1320, 5) if ms(local(day, minute)) < now]
    rows = [
        {"heart_rate": number(60, 95, account, day, at), "sample_time": f"{at // 60:02}:{at % 60:02}:06"}
        for at in known
    ]  # fmt: skip
    return {"date": day.isoformat(), "heart_rate_samples": rows}
