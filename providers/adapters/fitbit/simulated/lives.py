"""Days of simulated people with a tracker. All times are on their clock, without a zone, as Fitbit tells them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from providers.simulator.noise import number
from providers.simulator.state import VendorState
from wearlink.lib.clock import rfc3339

NAME: Final = "Europe/Warsaw"
ZONE: Final = ZoneInfo(NAME)
NIGHT: Final = (("wake", 420), ("light", 9000), ("deep", 4500), ("rem", 4800), ("light", 6480))
Document = dict[str, Any]


def now_there(now: int) -> datetime:
    """Return the wall time where the people live."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZONE)


def at(day: date, minutes: float) -> datetime:
    """Return a wall time, in minutes from the day's midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(minutes=minutes)


def text(wall: datetime) -> str:
    """Return wall time as Fitbit writes it: 2026-03-04T07:15:00.000."""
    return wall.replace(tzinfo=None).isoformat(timespec="milliseconds")


class TrackerDay:
    """One local day of one account."""

    def __init__(self, account: str, day: date, state: VendorState, now: int) -> None:
        self.account, self.day, self.state, self.now = account, day, state, now_there(now)
        number_ = day.toordinal()
        self.run_id, self.sleep_id, self.weight_id = number_ * 10 + 4, number_ * 10 + 5, number_ * 10 + 6
        self.is_over = day < self.now.date()

    @property
    def has_begun(self) -> bool:
        return self.day <= self.now.date()

    def summary(self) -> Document:
        if not self.has_begun:
            return {"summary": {"steps": 0, "caloriesOut": 1400, "caloriesBMR": 1400}}
        steps = sum(row["value"] for row in self.steps())
        document = {"steps": steps, "floors": 5, "caloriesOut": 1400 + steps // 20, "caloriesBMR": 1400}
        document |= {"lightlyActiveMinutes": 120, "fairlyActiveMinutes": 12, "veryActiveMinutes": 20}
        document |= {"sedentaryMinutes": 800, "restingHeartRate": number(54, 60, "rest", self.day)}
        return {"summary": {**document, "distances": [{"activity": "total", "distance": steps * 0.0007}]}}

    def steps(self) -> list[Document]:
        more = 10 * self.state.revisions[f"activities-{self.day}"]
        minutes = range(7 * 60, 21 * 60, 15) if self.has_begun else ()
        return [
            {"time": f"{minute // 60:02}:{minute % 60:02}:00", "value": number(0, 250, "s", self.day, minute) + more}
            for minute in minutes
            if at(self.day, minute) < self.now
        ]

    def pulse(self) -> list[Document]:
        minutes = range(0, 24 * 60, 10) if self.has_begun else ()
        return [
            {"time": f"{minute // 60:02}:{minute % 60:02}:05", "value": number(52, 96, "p", self.day, minute)}
            for minute in minutes
            if at(self.day, minute + 1) < self.now
        ]

    def run(self) -> Document | None:
        """Return the day's run; there is one on four days a week."""
        start = at(self.day, 1040)
        if (
            self.day.weekday() not in (0, 2, 4, 6)
            or start + timedelta(minutes=42) > self.now
            or self._gone(self.run_id)
        ):
            return None
        revision = self.state.revisions[f"{self.run_id}"]
        document: Document = {
            "activityName": "Run",
            "activityTypeId": 90009,
            "logId": self.run_id,
            "logType": "tracker",
        }
        document |= {"startTime": start.isoformat(timespec="milliseconds"), "duration": 2_520_000, "distance": 6.5}
        document |= {"distanceUnit": "Kilometer", "calories": 420 + 100 * revision, "averageHeartRate": 148}
        document["lastModified"] = rfc3339(int(start.timestamp() * 1000) + 3_600_000 + revision)
        return document | {"source": {"id": "229X", "name": "Inspire 3", "type": "tracker"}}

    def sleep(self) -> Document | None:
        """Return the night that ends on this day; a revision ends half an hour earlier."""
        start = at(self.day, number(-70, -30, "bed", self.account, self.day))
        plan = list(NIGHT)
        if self.state.revisions[f"{self.sleep_id}"]:
            plan[-1] = ("light", NIGHT[-1][1] - 1800)
        end = start + timedelta(seconds=sum(seconds for _, seconds in plan))
        if end > self.now or self._gone(self.sleep_id):
            return None
        levels, wall = [], start
        for level, seconds in plan:
            levels.append({"dateTime": text(wall), "level": level, "seconds": seconds})
            wall += timedelta(seconds=seconds)
        short = [{"dateTime": text(start + timedelta(minutes=60)), "level": "wake", "seconds": 60}]
        document: Document = {
            "logId": self.sleep_id,
            "dateOfSleep": f"{self.day}",
            "isMainSleep": True,
            "type": "stages",
        }
        document |= {"startTime": text(start), "endTime": text(end), "levels": {"data": levels, "shortData": short}}
        return document | {"duration": round((end - start).total_seconds() * 1000)}

    def weight(self) -> Document | None:
        if self.day.weekday() not in (0, 3) or at(self.day, 430) > self.now or self._gone(self.weight_id):
            return None
        document = {"logId": self.weight_id, "date": f"{self.day}", "time": "07:08:20", "source": "Aria"}
        return {**document, "weight": 70 + number(0, 9, "kg", self.day) / 10, "bmi": 23.9, "fat": 22.1}

    def food(self) -> Document:
        """Lunch, unless it was deleted."""
        eaten = self.has_begun and at(self.day, 760) < self.now and f"foods-{self.day}" not in self.state.deleted
        energy = 1800 + 100 * self.state.revisions[f"foods-{self.day}"] if eaten else 0
        return {
            "foods": [],
            "summary": {"calories": energy, "protein": 90 if eaten else 0, "sodium": 1900 if eaten else 0},
        }

    def _gone(self, name: int) -> bool:
        return f"{name}" in self.state.deleted


def days_between(account: str, first: date, last: date, state: VendorState, now: int) -> list[TrackerDay]:
    """Return them oldest first, both ends included."""
    length = (last - first).days + 1
    return [TrackerDay(account, first + timedelta(days=ahead), state, now) for ahead in range(length)]
