"""Nights of simulated people: a night exists once it is over and the app was opened, twenty minutes later."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from providers.simulator.noise import between, name_of, number, share

ZONE: Final = ZoneInfo("Europe/Brussels")
MINUTE: Final = 60_000
OPENED_AFTER: Final = 20 * MINUTE
EPOCH: Final = 5 * MINUTE
WAKES: Final = 0.6  # share of rounds that end awake
ROUND: Final = 18  # epochs of a round through light, deep and REM sleep


def text(ms: int) -> str:
    """Return a localized time as Oura writes it."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZONE).isoformat(timespec="milliseconds")


def local(day: date, minutes: float) -> int:
    """Return ms of a local wall time, given in minutes from the day's midnight; wall times that the clocks skip move
    on.
    """
    wall = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(minutes=minutes)
    return int(wall.astimezone(UTC).timestamp() * 1000)


class OuraNight:
    """The main sleep of a day of waking, in its revision."""

    def __init__(self, account: str, day: date, revision: int = 0) -> None:
        self.account, self.day, self.revision = account, day, revision
        self.id = name_of("sleep", account, day)
        self.start = local(day - timedelta(days=1), number(1320, 1425, "bed", account, day))
        epochs = number(72, 104, "long", account, day) + 2 * revision
        self.end = self.start + epochs * EPOCH
        self.latency = number(1, 6, "latency", account, day)
        self.phases = self._phases(epochs)
        self.lowest = number(45, 56, "low", account, day) + revision

    @property
    def known_at(self) -> int:
        """The moment (ms) from which the vendor has the night."""
        return self.end + OPENED_AFTER

    def seconds(self, digit: str) -> int:
        """Return how long one stage was."""
        return self.phases.count(digit) * 300

    def _phases(self, epochs: int) -> str:
        """Return falling asleep, then rounds with less deep and more REM sleep towards the morning, and awake between
        some.
        """
        found, passed = "4" * self.latency, 0
        while len(found) < epochs:
            deep = max(number(4, 7, "deep", self.account, self.day) - 2 * passed, 0)
            rem = 2 + passed + number(0, 1, "rem", self.account, self.day, passed)
            light = ROUND - deep - rem
            found += "2" * (light // 2) + "1" * deep + "2" * (light - light // 2) + "3" * rem
            if share("wakes", self.account, self.day, passed) < WAKES:
                found += "4" * number(1, 3, "awake", self.account, self.day, passed)
            passed += 1
        return found[: epochs - 1] + "4"

    def score(self) -> int:
        """Return a score that is lower for short and restless nights: a rule of ours, Oura's is its own."""
        asleep = sum(self.seconds(digit) for digit in "123")
        efficiency = 100 * asleep / (len(self.phases) * 300)
        short, restless = max(7.75 - asleep / 3600, 0), max(93 - efficiency, 0)
        return min(
            max(round(91 - 11 * short - 0.9 * restless) + number(-4, 4, "score", self.account, self.day), 40), 97
        )

    def document(self) -> dict[str, Any]:
        """Return an item of the collection `sleep`."""
        asleep = sum(self.seconds(digit) for digit in "123")
        bed = (self.end - self.start) // 1000
        return {
            "id": self.id,
            "day": self.day.isoformat(),
            "type": "long_sleep",
            "bedtime_start": text(self.start),
            "bedtime_end": text(self.end),
            "time_in_bed": bed,
            "total_sleep_duration": asleep,
            "awake_time": bed - asleep,
            "deep_sleep_duration": self.seconds("1"),
            "light_sleep_duration": self.seconds("2"),
            "rem_sleep_duration": self.seconds("3"),
            "latency": self.latency * 300,
            "efficiency": round(100 * asleep / bed),
            "average_heart_rate": self.lowest + 5.5,
            "lowest_heart_rate": self.lowest,
            "average_hrv": number(38, 62, "hrv", self.account, self.day),
            "average_breath": round(between(13, 15.5, "breath", self.account, self.day), 2),
            "heart_rate": self.packed("pulse", self.lowest, self.lowest + 12),
            "hrv": self.packed("rmssd", 30, 75),
            "sleep_phase_5_min": self.phases,
            "sleep_phase_30_sec": None,
            "movement_30_sec": None,
            "period": 0,
            "low_battery_alert": False,
            "restless_periods": number(120, 240, "restless", self.account, self.day),
            "sleep_algorithm_version": "v2",
            "sleep_analysis_reason": "bedtime_edit" if self.revision else "foreground_sleep_analysis",
            "readiness": None,
            "readiness_score_delta": None,
            "sleep_score_delta": None,
            "ring_id": None,
        }

    def packed(self, name: str, low: float, high: float) -> dict[str, Any]:
        """Return a value every five minutes; the first is never there."""
        values: list[float | None] = [
            round(between(low, high, name, self.account, self.day, index), 1) for index in range(len(self.phases))
        ]
        return {"interval": 300.0, "items": [None, *values[1:]], "timestamp": text(self.start)}
