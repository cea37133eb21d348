"""A phone that syncs over HTTP, and what the API then answers: nothing is put in or read by another road.

Items are made as the SDKs write them. Times are written `15T08:30`, which is the 15th of April 2026 in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from accounts.models import EndUser
from healthdata.tasks import compute_figures
from providers.payloads.process import drain
from tests.healthdata.reading import HOUR, MINUTE, EndUserCase, at
from tests.providers.sync_bodies import sync
from wearlink.lib.clock import rfc3339

IPHONE: Final = {
    "deviceName": "iPhone",
    "deviceModel": "iPhone14,2",
    "deviceType": "phone",
    "appId": "com.apple.health",
}
NEW_IPHONE: Final = {**IPHONE, "deviceName": "iPhone 17", "deviceModel": "iPhone17,1"}
WATCH: Final = {"deviceName": "Apple Watch", "deviceModel": "Watch6,3", "appId": "com.apple.health.7F"}
PIXEL: Final = {"deviceName": "Pixel 9", "deviceModel": "Pixel 9", "deviceType": "phone"}
GARMIN: Final = {**IPHONE, "appId": "com.garmin.connect.mobile"}
AUTOSLEEP: Final = {**IPHONE, "appId": "com.tantsissa.AutoSleep"}
MAT: Final = {"deviceName": "Sleep mat", "appId": "com.example.mat"}
SCALE: Final = {**IPHONE, "appId": "com.withings.wiScaleNG"}
PREFIX: Final = "HKQuantityTypeIdentifier"
Item = dict[str, Any]


def moment(text: str) -> int:
    """Return 15T08:30 or 15T08:30:10 in ms."""
    return at(f"2026-04-{text}{':00' if text.count(':') == 1 else ''}Z")


def item(kind: str, unit: str, source: Item, start: int, length: int, value: float, **more: Any) -> Item:
    """Return a record; its id tells source, kind and start."""
    name = source.get("appId", source.get("deviceName"))
    return {
        "id": f"{name}-{kind}-{start}", "type": kind if kind.isupper() else PREFIX + kind, "unit": unit, "value": value,
        "startDate": rfc3339(start), "endDate": rfc3339(start + length), "source": source, **more,
    }  # fmt: skip


def amounts(
    kind: str, source: Item, start: str, values: Sequence[float], *, unit: str = "count", step: int = HOUR,
    length: int | None = None, **more: Any,
) -> list[Item]:  # fmt: skip
    """Return amounts one after the other, each over `length` ms (that of a step where it is not said)."""
    first, span = moment(start), step if length is None else length
    return [item(kind, unit, source, first + number * step, span, value, **more) for number, value in enumerate(values)]


def steps(source: Item, start: str, values: Sequence[float], **more: Any) -> list[Item]:
    return amounts("StepCount", source, start, values, **more)


def rates(source: Item, start: str, count: int, value: float, *, step: int = 5 * MINUTE, **more: Any) -> list[Item]:
    """Return heart rates at a regular pace."""
    return amounts("HeartRate", source, start, [value] * count, unit="count/min", step=step, length=0, **more)


def reading(kind: str, unit: str, source: Item, when: str, value: float, **more: Any) -> Item:
    """Return one value of an instant."""
    return item(kind, unit, source, moment(when), 0, value, **more)


def stages(source: Item, start: str, lengths: Sequence[tuple[str, int]], **more: Any) -> list[Item]:
    """Return stages and their minutes, one after the other; `gap` is a time of which nothing is said."""
    found, begin = [], moment(start)
    for stage, minutes in lengths:
        end = begin + minutes * MINUTE
        if stage != "gap":
            name = f"{source.get('appId')}-{stage}-{begin}"
            times = {"startDate": rfc3339(begin), "endDate": rfc3339(end)}
            found.append({"id": name, "stage": stage, "source": source, **times, **more})
        begin = end
    return found


def workout(
    source: Item, start: str, minutes: int, name: str, sport: str = "running", **values: tuple[float, str]
) -> Item:
    """Return a workout with figures: name=(value, unit)."""
    begin = moment(start)
    return {
        "id": name, "type": sport, "source": source,
        "startDate": rfc3339(begin), "endDate": rfc3339(begin + minutes * MINUTE),
        "values": [{"type": figure, "value": value, "unit": unit} for figure, (value, unit) in values.items()],
    }  # fmt: skip


@dataclass(frozen=True)
class CasePhone:
    """Posts as the SDK of `provider` does and waits until the workers are done; then asks."""

    case: EndUserCase
    provider: str = "apple"
    span: dict[str, str] = field(default_factory=lambda: {"start_date": "2026-04-13", "end_date": "2026-04-18"})

    @property
    def user(self) -> EndUser:
        return self.case.end_user

    def sync(self, *records: Item, sleep: Sequence[Item] = (), workouts: Sequence[Item] = ()) -> None:
        """One post, worked off; nothing of it may be refused."""
        body = sync(self.provider, records=list(records), sleep=list(sleep), workouts=list(workouts))
        headers = {"X-WearLink-API-Key": self.case.key}
        path = f"/api/v1/sdk/users/{self.user.id}/sync"
        answer = self.case.client.post(path, body, content_type="application/json", headers=headers)
        assert answer.status_code == 202, answer.content
        while drain(self.user.key):
            continue
        compute_figures(self.user.key)
        done = self.case.client.get(f"{path}/{answer.json()['batch_id']}", headers=headers).json()
        assert (done["status"], done["rejected"]) == ("done", {}), done

    def days(self, name: str) -> dict[str, float]:
        """Return a figure of the activity summary by date, where it is known."""
        days = self.case.get("summaries/activity", **self.span)["data"]
        return {one["date"]: one[name] for one in days if one[name] is not None}

    def day(self, date: str = "2026-04-15", **more: Any) -> dict[str, Any]:
        """Return the activity of a day."""
        [found] = self.case.get("summaries/activity", start_date=date, end_date=date, **more)["data"]
        shown: dict[str, Any] = found
        return shown

    def nights(self, **more: Any) -> list[dict[str, Any]]:
        """Return the list of sleep sessions."""
        found: list[dict[str, Any]] = self.case.get("events/sleep", **self.span, **more)["data"]
        return found

    def night(self, date: str = "2026-04-15") -> dict[str, Any]:
        """Return the sleep of a day."""
        [found] = self.case.get("summaries/sleep", start_date=date, end_date=date)["data"]
        shown: dict[str, Any] = found
        return shown

    def rows(self, series: str, start: str = "15T00:00", end: str = "16T00:00", **more: Any) -> list[dict[str, Any]]:
        """Return samples of a series; the end is no part of the range."""
        times = {"start_time": rfc3339(moment(start)), "end_time": rfc3339(moment(end))}
        found: list[dict[str, Any]] = self.case.get("timeseries", types=series, **times, **more)["data"]
        return found
