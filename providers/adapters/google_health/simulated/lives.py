"""Lives of simulated people with a band: nights, readings, steps, food, and runs that another app copies in."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from providers.simulator.noise import between, number
from providers.simulator.state import VendorState
from wearlink.lib.clock import rfc3339

ZONE: Final = ZoneInfo("Europe/Warsaw")
HISTORY: Final = 45  # days
MINUTE: Final = 60_000
Point = dict[str, Any]
BAND: Final = {
    "recordingMethod": "PASSIVELY_MEASURED", "platform": "FITBIT",
    "device": {"formFactor": "FITNESS_BAND", "manufacturer": "Fitbit", "displayName": "Inspire 3"},
}  # fmt: skip
SCALE: Final = {**BAND, "device": {"formFactor": "SCALE", "displayName": "Aria Air"}}
TYPED: Final = {"recordingMethod": "MANUAL", "platform": "FITBIT"}
COPIED: Final = {
    "recordingMethod": "ACTIVELY_MEASURED", "platform": "HEALTH_CONNECT",
    "application": {"packageName": "com.example.runs"},
    "device": {"formFactor": "WATCH", "displayName": "Runner 2"},
}  # fmt: skip
NIGHT: Final = (("AWAKE", 3), ("LIGHT", 25), ("DEEP", 18), ("LIGHT", 14), ("REM", 22), ("AWAKE", 2), ("LIGHT", 16))
STEPPING: Final = range(7 * 60, 21 * 60, 15)  # minutes of the day
PULSE: Final = range(0, 24 * 60, 10)


def today(now: int) -> date:
    """Return the date where the people live."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZONE).date()


def local(day: date, minutes: float) -> int:
    """Return ms of a local wall time, in minutes from the day's midnight."""
    wall = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(minutes=minutes)
    return int(wall.astimezone(UTC).timestamp() * 1000)


def offset(at: int) -> str:
    """Return seconds east of UTC as a text such as 3600s."""
    shift = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZONE).utcoffset() or timedelta()
    return f"{int(shift.total_seconds())}s"


class HealthDay:
    """One local day of one account. Points carry `_id` while they are here: what events call them by."""

    def __init__(self, account: str, day: date, state: VendorState) -> None:
        self.account, self.day, self.state = account, day, state

    def points(self, path: str) -> list[Point]:
        """Return the day's points of one type, in order."""
        found = getattr(self, f"_{path.replace('-', '_')}", None)
        return [] if found is None else list(found())

    def _steps(self) -> Iterator[Point]:
        for minute in STEPPING:
            yield self._amount("steps", minute, {"count": str(self._walked(minute))})

    def _distance(self) -> Iterator[Point]:
        for minute in STEPPING:
            yield self._amount("distance", minute, {"millimeters": str(self._walked(minute) * 700)})

    def _heart_rate(self) -> Iterator[Point]:
        for minute in PULSE:
            beats = number(52, 98, "pulse", self.account, self.day, minute)
            yield self._reading("heartRate", "heart-rate", minute, {"beatsPerMinute": str(beats)})

    def _weight(self) -> Iterator[Point]:
        if self.day.weekday() in (0, 3):
            grams = 71_000.0 + 100 * number(0, 9, "grams", self.account, self.day)
            name = f"{self.day.toordinal()}01"
            yield self._reading("weight", "weight", 425, {"weightGrams": grams}, name=name, source=SCALE)

    def _daily_resting_heart_rate(self) -> Iterator[Point]:
        yield self._of_day("dailyRestingHeartRate", {"beatsPerMinute": str(number(54, 60, "rest", self.day))})

    def _daily_heart_rate_variability(self) -> Iterator[Point]:
        document = round(between(30, 60, "hrv", self.account, self.day), 2)
        yield self._of_day("dailyHeartRateVariability", {"averageHeartRateVariabilityMilliseconds": document})

    def _daily_oxygen_saturation(self) -> Iterator[Point]:
        yield self._of_day("dailyOxygenSaturation", {"averagePercentage": 96.3})

    def _hydration_log(self) -> Iterator[Point]:
        for number_, minute in enumerate((480, 900)):
            amount = {"amountConsumed": {"milliliters": 250.0}}
            yield self._session("hydration-log", "hydrationLog", f"{self.day.toordinal()}2{number_}", minute, 0, amount)

    def _nutrition_log(self) -> Iterator[Point]:
        name = f"{self.day.toordinal()}30"
        energy = 520.0 + 100 * self.state.revisions[name]
        eaten: Point = {"foodDisplayName": "Soup", "mealType": "LUNCH", "energy": {"kcal": energy}}
        eaten["nutrients"] = [{"nutrient": "PROTEIN", "quantity": {"grams": 21.0}}]
        if not self.state.revisions[name]:
            eaten["nutrients"].append({"nutrient": "SODIUM", "quantity": {"grams": 0.9}})
        yield self._session("nutrition-log", "nutritionLog", name, 750, 0, eaten)

    def _exercise(self) -> Iterator[Point]:
        """Yield a run on four days a week, which another app tells as well."""
        if self.day.weekday() not in (0, 2, 4, 6):
            return
        name, begin = f"{self.day.toordinal()}40", number(1020, 1080, "run", self.account, self.day)
        summary = {
            "caloriesKcal": 420.0 + 100 * self.state.revisions[name],
            "distanceMillimeters": 6_500_000.0,
            "averageHeartRateBeatsPerMinute": "149",
        }
        run = {"exerciseType": "RUNNING", "displayName": "Run", "activeDuration": "2400s", "metricsSummary": summary}
        run["updateTime"] = rfc3339(local(self.day, begin + 60 + self.state.revisions[name]))
        yield self._session("exercise", "exercise", name, begin, 42, run)
        copied = {"exerciseType": "RUNNING", "metricsSummary": {"distanceMillimeters": 6_480_000.0}}
        yield self._session("exercise", "exercise", f"{self.day.toordinal()}41", begin + 0.5, 41, copied, COPIED)

    def _sleep(self) -> Iterator[Point]:
        """Yield a night that ends on this day; a revision tells it without stages."""
        name, begin = f"{self.day.toordinal()}50", number(-80, -20, "bed", self.account, self.day)
        start = local(self.day, begin)
        end = start + 7 * 60 * MINUTE
        edited = self.state.revisions[name] > 0
        plan = (("ASLEEP", 1),) if edited else NIGHT
        stages: list[Point] = []
        whole, at = sum(weight for _, weight in plan), start
        for stage, weight in plan:
            until = end if len(stages) == len(plan) - 1 else at + (end - start) * weight // whole // MINUTE * MINUTE
            stages.append({"startTime": rfc3339(at), "endTime": rfc3339(until), "type": stage})
            at = until
        document: Point = {"type": "CLASSIC" if edited else "STAGES", "stages": stages}
        document["metadata"] = {"mainSleep": True, "nap": False, "processed": True, "manuallyEdited": edited}
        yield self._named("sleep", "sleep", name, start, end, document, BAND)

    def _walked(self, minute: int) -> int:
        more = 10 * self.state.revisions[f"steps-{self.day}"]
        return number(0, 260, "steps", self.account, self.day, minute) + more

    def _amount(self, key: str, minute: int, value: Point) -> Point:
        start = local(self.day, minute)
        document = {"interval": span(start, start + 15 * MINUTE), **value}
        return {"_id": f"{key}-{self.day}", "dataSource": BAND, key: document}

    def _reading(
        self, key: str, path: str, minute: int, value: Point, *, name: str = "", source: Point = BAND
    ) -> Point:
        at = local(self.day, minute)
        found: Point = {"_id": name or f"{path}-{self.day}", "dataSource": source}
        found[key] = {"sampleTime": {"physicalTime": rfc3339(at), "utcOffset": offset(at)}, **value}
        return found | ({"name": resource(self.account, path, name)} if name else {})

    def _of_day(self, key: str, value: Point) -> Point:
        document = {"year": self.day.year, "month": self.day.month, "day": self.day.day}
        return {"_id": f"{key}-{self.day}", "dataSource": BAND, key: {"date": document, **value}}

    def _session(
        self, path: str, key: str, name: str, minute: float, lasts: float, value: Point, source: Point | None = None
    ) -> Point:
        start = local(self.day, minute)
        end = start + int(lasts * MINUTE)
        return self._named(path, key, name, start, end, value, source or (BAND if path == "exercise" else TYPED))

    def _named(self, path: str, key: str, name: str, start: int, end: int, value: Point, source: Point) -> Point:
        document = {"interval": span(start, end), **value}
        return {"_id": name, "name": resource(self.account, path, name), "dataSource": source, key: document}


def span(start: int, end: int) -> Point:
    return {
        "startTime": rfc3339(start), "startUtcOffset": offset(start),
        "endTime": rfc3339(end), "endUtcOffset": offset(end),
    }  # fmt: skip


def resource(account: str, path: str, name: str) -> str:
    return f"users/{account}/dataTypes/{path}/dataPoints/{name}"


def days_of(account: str, state: VendorState, now: int) -> Iterator[HealthDay]:
    last = today(now)
    return (HealthDay(account, last - timedelta(days=back), state) for back in range(HISTORY + 1))
