"""Activities of simulated athletes: one on most days, with streams of a reading every five seconds."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from providers.simulator.noise import between, number, share
from providers.simulator.state import VendorState
from wearlink.lib.clock import rfc3339

ZONE: Final = ZoneInfo("Europe/Brussels")
HISTORY: Final = 60  # days
STEP: Final = 5  # seconds between readings
FIRST_ID: Final = 15_000_000_000
SPORTS: Final = {0: "Run", 2: "TrailRun", 3: "Swim", 5: "Ride", 6: "VirtualRide"}  # by day of the week
SPEEDS: Final = {"Run": 3.1, "TrailRun": 2.6, "Swim": 0.9, "Ride": 7.4, "VirtualRide": 8.6}
MARATHON: Final = "88213555"  # this one trains for a marathon, with a watch of another make
SUNDAY: Final = 6
TRAINING: Final = {1: (9_000.0, 3.3), 3: (11_000.0, 2.9), 5: (6_000.0, 2.7)}  # day of the week → metres, m/s
MOVING: Final = 0.96  # share of the time that is no pause
WEIGHT_KG: Final = 58.0
METS: Final = {"Swim": 8.0, "Ride": 7.5, "VirtualRide": 8.5}
OUTSIDE: Final = frozenset({"Run", "TrailRun", "Ride"})
Document = dict[str, Any]


class PlannedActivity(NamedTuple):
    """The plan of an athlete's activity on a day."""

    sport: str
    meters: float  # 0: as long as it lasts
    speed: float  # m/s
    minute: int  # local, of the start


def plan_of(account: str, day: date) -> PlannedActivity | None:
    """Return None on a day of rest."""
    if account != MARATHON:
        sport = SPORTS.get(day.weekday())
        return None if sport is None else PlannedActivity(sport, 0, SPEEDS[sport], 1050)
    week = day.toordinal() // 7 % 8
    if day.weekday() == SUNDAY:  # longer every week, but for every fourth, which is for recovering
        return PlannedActivity("Run", (16_000 + 2_000 * week) * (0.7 if week % 4 == 3 else 1), 2.75, 560)
    meters, speed = TRAINING.get(day.weekday(), (0.0, 0.0))
    return PlannedActivity("Run", meters, speed, 1050) if meters else None


class SimulatedActivity:
    """The activity of an athlete on a day, in its revision."""

    def __init__(self, account: str, day: date, plan: PlannedActivity, state: VendorState) -> None:
        self.account, self.day, self.sport = account, day, plan.sport
        self.id = FIRST_ID + int(account) % 1000 * 1_000_000 + day.toordinal() % 1_000_000
        self.revision = state.revisions[str(self.id)]
        begins = plan.minute + number(0, 70, "starts", account, day)
        wall = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(minutes=begins)
        self.start = int(wall.astimezone(UTC).timestamp() * 1000)
        self.offset = int((wall.utcoffset() or timedelta()).total_seconds())
        self.speed = plan.speed * between(0.92, 1.08, "speed", account, day)
        self.seconds = number(1500, 3300, "lasts", account, day)
        if plan.meters:
            self.seconds = round(plan.meters * between(0.95, 1.05, "way", account, day) / self.speed)
        self.end = self.start + self.seconds * 1000

    @property
    def distance(self) -> float:
        """Metres of the time in motion, which is nearly all of it."""
        return round(self.speed * self.seconds * MOVING, 1)

    @property
    def kcal(self) -> float:
        """A kilocalorie a kilogramme and kilometre on foot, and by METs otherwise."""
        if self.sport in METS:
            return round((METS[self.sport] - 1) * WEIGHT_KG * self.seconds / 3600)
        return round(WEIGHT_KG * self.distance / 1000 * between(0.97, 1.06, "energy", self.account, self.day))

    @property
    def pulse(self) -> float:
        """The mean; faster runs cost more."""
        spread = between(-5, 5, "pulse", self.account, self.day)
        return round((138 + 30 * (self.speed - 2.7) if self.sport == "Run" else 146) + spread, 1)

    def summary(self) -> Document:
        """Return the activity as an item of lists."""
        place: Document = {"start_latlng": [], "end_latlng": [], "map": {"id": f"a{self.id}", "summary_polyline": ""}}
        if self.sport in OUTSIDE:
            place |= {"start_latlng": [51.05, 3.72], "end_latlng": [51.05, 3.72], "elev_high": 14.6, "elev_low": 4.2}
        found: Document = {
            "id": self.id,
            "resource_state": 2,
            "athlete": {"id": int(self.account), "resource_state": 1},
            "name": f"{self.sport} {self.day}" + " (renamed)" * bool(self.revision),
            "sport_type": self.sport,
            "type": self.sport,
            "start_date": rfc3339(self.start),
            "start_date_local": rfc3339(self.start + self.offset * 1000),
            "timezone": "(GMT+01:00) Europe/Brussels",
            "utc_offset": float(self.offset),
            "elapsed_time": self.seconds,
            "moving_time": int(self.seconds * MOVING),
            "distance": self.distance,
            "total_elevation_gain": 38.0 if self.sport in OUTSIDE else 0,
            "average_speed": round(self.speed, 3),
            "max_speed": round(self.speed * 1.4, 2),
            "has_heartrate": self.sport != "Swim",
            "trainer": self.sport == "VirtualRide",
            "commute": False,
            "manual": False,
            "private": False,
            "visibility": "followers_only",
            "flagged": False,
            "gear_id": "g19920481",
            **_recorded_by(self),
            **place,
        }
        if found["has_heartrate"]:
            found |= {"average_heartrate": self.pulse, "max_heartrate": round(self.pulse + 20)}
        return found

    def detail(self) -> Document:
        """Return the activity as its own endpoint gives it."""
        half = self.seconds // 2
        laps = [
            {
                "id": self.id * 10 + index,
                "lap_index": index + 1,
                "start_date": rfc3339(self.start + index * half * 1000),
                "elapsed_time": half,
                "moving_time": half - 10,
                "distance": round(self.speed * half * MOVING, 1),
                "average_speed": round(self.speed, 3),
            }
            for index in range(2)
        ]
        gear = {"id": "g19920481", "name": "Road trainer", "distance": 412300.0, "resource_state": 2}
        energy = self.kcal + 100 * self.revision
        return {
            **self.summary(), "resource_state": 3, "description": None, "calories": float(energy), "gear": gear,
            "laps": laps,
        }  # fmt: skip

    def streams(self) -> dict[str, Document]:
        """key_by_type; with a pause of half a minute in the middle."""
        times = [at for at in range(0, self.seconds, STEP) if not 0 <= at - self.seconds // 2 < 30]
        data: dict[str, list[Any]] = {"time": times, "velocity_smooth": self.wave("v", times, self.speed, 0.3)}
        data["distance"] = [round(self.speed * at, 1) for at in times]
        data["moving"] = [bool(at) for at in times]
        data["cadence"] = [round(value) for value in self.wave("c", times, 84, 3)]
        if self.sport != "Swim":
            data["heartrate"] = [round(value) for value in self.wave("h", times, self.pulse, 9)]
        if self.sport in OUTSIDE:
            data["altitude"] = self.wave("a", times, 9, 4)
            data["latlng"] = [[round(51.05 + at * 1e-5, 6), round(3.72 + at * 1.2e-5, 6)] for at in times]
        return {
            name: {"data": values, "series_type": "distance", "original_size": len(values), "resolution": "high"}
            for name, values in data.items()
        }

    def wave(self, name: str, times: list[int], middle: float, spread: float) -> list[float]:
        return [round(middle + spread * (2 * share(name, self.id, at // 60) - 1), 2) for at in times]


def _recorded_by(activity: SimulatedActivity) -> Document:
    if activity.account == MARATHON:
        return {"device_name": "Galaxy Watch7", "external_id": f"galaxy-{activity.id}.fit"}
    return {"device_name": "Garmin Fenix 7", "external_id": f"garmin_ping_{activity.id}"}


def today(now: int) -> date:
    """Return the date where the athletes live."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZONE).date()


def all_of(account: str, state: VendorState, now: int) -> Iterator[SimulatedActivity]:
    """Yield those that are over, oldest first."""
    end = today(now)
    for back in range(HISTORY, -1, -1):
        day = end - timedelta(days=back)
        if (plan := plan_of(account, day)) is not None:
            found = SimulatedActivity(account, day, plan, state)
            if found.end <= now and str(found.id) not in state.deleted:
                yield found
