"""Lives of simulated people with a band: a night and a cycle a day, a nap on Saturdays, a workout on most days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from providers.simulator.noise import between, name_of, number
from providers.simulator.state import VendorState
from wearlink.lib.clock import rfc3339

ZONE: Final = ZoneInfo("Europe/Brussels")
HISTORY: Final = 60  # days
MINUTE: Final = 60_000
SCORED_AFTER: Final = 30 * MINUTE  # until then a score is pending
SPORTS: Final = {0: "running", 2: "weightlifting_msk", 3: "hiking-rucking", 5: "cycling", 6: "sauna"}  # by weekday
FIRST_CYCLE: Final = 1_290_000_000
Document = dict[str, Any]


def today(now: int) -> date:
    """Return the date where the people live."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZONE).date()


def local(day: date, minutes: float) -> int:
    """Return ms of a local wall time, in minutes from the day's midnight."""
    wall = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(minutes=minutes)
    return int(wall.astimezone(UTC).timestamp() * 1000)


def offset(at: int) -> str:
    """Return the offset as WHOOP writes it: +01:00."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZONE).isoformat()[-6:]


class BandDay:
    """The data of one day of waking, in its revisions."""

    def __init__(self, account: str, day: date, state: VendorState, now: int) -> None:
        self.account, self.day, self.state, self.now = account, day, state, now
        self.sleep_id, self.nap_id = name_of("sleep", account, day), name_of("nap", account, day)
        self.workout_id = name_of("workout", account, day)
        self.cycle_id = FIRST_CYCLE + int(account) % 100 * 1_000_000 + day.toordinal() % 1_000_000
        self.asleep_at = bedtime(account, day)
        self.up_at = local(day, number(405, 450, "up", account, day)) + 10 * MINUTE * state.revisions[self.sleep_id]

    def sleep(self) -> Document | None:
        """Return None until it is over."""
        if self.up_at > self.now or self.sleep_id in self.state.deleted:
            return None
        found = self._timed(self.sleep_id, self.asleep_at, self.up_at) | {"cycle_id": self.cycle_id, "nap": False}
        more = {f"sleep_{name}_percentage": self._number(60, 98, name) for name in ("performance", "consistency")}
        return self._scored(found, {**stages(self.up_at - self.asleep_at, 17), **more})

    def nap(self) -> Document | None:
        start, end = local(self.day, 840), local(self.day, 875)
        if self.day.weekday() != 5 or end > self.now or self.nap_id in self.state.deleted:
            return None
        found = self._timed(self.nap_id, start, end) | {"cycle_id": self.cycle_id, "nap": True}
        return self._scored(found, stages(end - start, 5))

    def recovery(self) -> Document | None:
        if self.sleep() is None or f"recovery-{self.sleep_id}" in self.state.deleted:
            return None
        fields = {"cycle_id": self.cycle_id, "sleep_id": self.sleep_id, "user_id": int(self.account)}
        fields |= {"created_at": rfc3339(self.up_at + 20 * MINUTE), "updated_at": rfc3339(self.up_at + 21 * MINUTE)}
        figures: Document = {"user_calibrating": False, "recovery_score": self._number(30, 95, "recovery")}
        figures |= {"resting_heart_rate": self._number(46, 56, "rhr"), "hrv_rmssd_milli": self._number(38, 80, "hrv")}
        figures |= {"spo2_percentage": between(94, 98, "spo2", self.account, self.day), "skin_temp_celsius": 33.6}
        return self._scored(fields, figures, since=self.up_at)

    def cycle(self) -> Document | None:
        """Return it without an end while it goes on."""
        if self.asleep_at > self.now:
            return None
        end = bedtime(self.account, self.day + timedelta(days=1))
        found = self._timed(f"{self.cycle_id}", self.asleep_at, end) | {"id": self.cycle_id}
        if end > self.now:
            del found["end"]
        lived = min(self.now, end) - self.asleep_at
        figures = {"strain": self._number(6, 17, "strain"), "kilojoule": round(lived / MINUTE * 6.5, 1)}
        return self._scored(
            found, {**figures, "average_heart_rate": 68, "max_heart_rate": self._number(140, 175, "max")}
        )

    def workout(self) -> Document | None:
        """Return None on days of rest."""
        start = local(self.day, number(1020, 1100, "starts", self.account, self.day))
        end = start + number(25, 70, "lasts", self.account, self.day) * MINUTE
        sport = SPORTS.get(self.day.weekday())
        if sport is None or end > self.now or self.workout_id in self.state.deleted:
            return None
        energy = 1200.0 + 418.4 * self.state.revisions[self.workout_id]
        zones = {f"zone_{word}_milli": (end - start) // 6 for word in ("zero", "one", "two", "three", "four", "five")}
        figures: Document = {"strain": self._number(5, 14, "effort"), "average_heart_rate": 141, "max_heart_rate": 172}
        figures |= {"kilojoule": energy, "percent_recorded": 100.0, "zone_durations": zones, "distance_meter": None}
        found = self._timed(self.workout_id, start, end) | {"sport_name": sport}
        return self._scored(found, figures, since=end)

    def _number(self, low: int, high: int, name: str) -> float:
        return float(number(low, high, name, self.account, self.day))

    def _timed(self, name: str, start: int, end: int) -> Document:
        stamp = {
            "created_at": rfc3339(end + MINUTE),
            "updated_at": rfc3339(end + MINUTE * (2 + self.state.revisions[name])),
        }
        return {
            "id": name, "user_id": int(self.account), **stamp, "start": rfc3339(start), "end": rfc3339(end),
            "timezone_offset": offset(start),
        }  # fmt: skip

    def _scored(self, found: Document, score: Document, since: int = 0) -> Document:
        """Return it with its score once it is computed; `since` is what it waits for."""
        if since + SCORED_AFTER > self.now:
            return {**found, "score_state": "PENDING_SCORE"}
        return {**found, "score_state": "SCORED", "score": score}


def bedtime(account: str, day: date) -> int:
    """Return when somebody fell asleep before a day of waking; after midnight on some days."""
    return local(day - timedelta(days=1), number(1350, 1470, "bed", account, day))


def stages(bed: int, awake_parts: int) -> Document:
    """Totals of a sleep of `bed` ms."""
    awake = bed * awake_parts // 100
    deep, rem = bed // 5, bed // 4
    summary = {
        "total_in_bed_time_milli": bed, "total_awake_time_milli": awake, "total_no_data_time_milli": 0,
        "total_light_sleep_time_milli": bed - awake - deep - rem, "total_slow_wave_sleep_time_milli": deep,
        "total_rem_sleep_time_milli": rem, "sleep_cycle_count": 4, "disturbance_count": 7,
    }  # fmt: skip
    needed = {"baseline_milli": 27_360_000, "need_from_sleep_debt_milli": 1_320_000}
    needed |= {"need_from_recent_strain_milli": 540_000, "need_from_recent_nap_milli": 0}
    efficiency = round(100 - awake_parts, 1)
    return {
        "stage_summary": summary, "sleep_needed": needed, "respiratory_rate": 14.6,
        "sleep_efficiency_percentage": efficiency,
    }  # fmt: skip


def days_of(account: str, state: VendorState, now: int) -> Iterator[BandDay]:
    """Yield them newest first, as lists are."""
    last = today(now) + timedelta(days=1)  # who falls asleep before midnight begins the next day's cycle
    for back in range(HISTORY + 1):
        yield BandDay(account, last - timedelta(days=back), state, now)


def listed(kind: str, account: str, state: VendorState, now: int) -> Iterator[Document]:
    """Yield the documents of a collection, newest first."""
    for one in days_of(account, state, now):
        found = [one.nap(), one.sleep()] if kind == "sleep" else [getattr(one, kind)()]
        yield from (document for document in found if document is not None)
