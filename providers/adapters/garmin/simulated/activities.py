"""Runs of simulated people: one on every second evening, as a summary, second by second, and as a file."""

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from providers.adapters.garmin.simulated.clock import midnight, offset
from providers.simulator.noise import number
from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    import garmin_fit_sdk
    from garmin_fit_sdk import util as sdk_times
else:
    garmin_fit_sdk, sdk_times = LazyModule("garmin_fit_sdk"), LazyModule("garmin_fit_sdk.util")

Document = dict[str, Any]
STEP: Final = 5  # seconds between two records
SEMICIRCLES: Final = 2**31 / 180
KINDS: Final = frozenset({"activities", "manuallyUpdatedActivities", "activityDetails", "activityFiles"})


def activity_id(account: str, day: date) -> int:
    """Return the same at every call."""
    return 19_000_000_000 + number(0, 999_999, "activity", account) * 1000 + day.toordinal() % 1000


def summary(account: str, day: date, now: int, revision: int) -> Document | None:
    """Once the run is over; each revision has been given another name by its runner."""
    start = midnight(day) + 18 * 3600 + number(0, 40, "starts", account, day) * 60
    length = number(25, 50, "lasts", account, day) * 60
    if day.toordinal() % 2 or start + length > now:
        return None
    name = activity_id(account, day)
    return {
        "userId": account,
        "summaryId": str(name),
        "activityId": name,
        "activityName": f"Evening run, take {revision + 1}" if revision else "Evening run",
        "activityType": "RUNNING",
        "startTimeInSeconds": start,
        "startTimeOffsetInSeconds": offset(start),
        "durationInSeconds": length,
        "averageHeartRateInBeatsPerMinute": 144,
        "maxHeartRateInBeatsPerMinute": 168,
        "averageSpeedInMetersPerSecond": 2.8,
        "activeKilocalories": length // 6,
        "distanceInMeters": round(length * 2.8, 1),
        "deviceName": "Garmin Forerunner 265",
        "manual": bool(revision),
        "isWebUpload": False,
    }


def details(found: Document) -> Document:
    start, length = found["startTimeInSeconds"], found["durationInSeconds"]
    samples = [
        {
            "startTimeInSeconds": start + at, "heartRate": 120 + at // STEP % 40, "speedMetersPerSecond": 2.8,
            "stepsPerMinute": 166.0, "elevationInMeters": 60.0 + at % 9, "timerDurationInSeconds": at,
        }
        for at in range(0, length, STEP)
    ]  # fmt: skip
    laps = [{"startTimeInSeconds": start}, {"startTimeInSeconds": start + length // 2}]
    named = {name: found[name] for name in ("userId", "activityId")}
    return {**named, "summaryId": f"{found['summaryId']}-detail", "summary": found, "samples": samples, "laps": laps}


def file(found: Document) -> bytes:
    """Return the FIT file of a summary."""
    start, length = found["startTimeInSeconds"] - sdk_times.FIT_EPOCH_S, found["durationInSeconds"]
    fit = garmin_fit_sdk.Encoder()
    fit.write_mesg({"mesg_num": 0, "type": "activity", "manufacturer": "garmin", "time_created": start})
    for at in range(0, length, STEP):
        record = {
            "mesg_num": 20, "timestamp": start + at, "heart_rate": 120 + at // STEP % 40, "enhanced_speed": 2.8,
            "cadence": 83, "position_lat": int((50.8 + at * 1e-5) * SEMICIRCLES),
            "position_long": int(4.43 * SEMICIRCLES), "vertical_oscillation": 84.0, "stance_time": 248.0,
        }  # fmt: skip
        fit.write_mesg(record)
    for mesg_num in (19, 18):
        fit.write_mesg(
            {
                "mesg_num": mesg_num, "timestamp": start + length, "start_time": start, "sport": "running",
                "sub_sport": "street", "total_elapsed_time": float(length) + 30, "total_timer_time": float(length),
                "total_distance": found["distanceInMeters"], "total_calories": found["activeKilocalories"],
                "avg_heart_rate": 144, "max_heart_rate": 168,
            }
        )  # fmt: skip
    return bytes(fit.close())
