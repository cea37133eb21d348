"""The uploads of simulated end users' devices: a summary by its kind and local day, at a moment (epoch seconds)."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from providers.adapters.garmin.simulated.clock import DAY, ONE, midnight, offset
from providers.simulator.noise import between, number

Document = dict[str, Any]
MINUTE: Final = 60
CYCLE: Final = ("light", "deep", "light", "rem")
LENGTHS: Final = (1500, 1800, 900, 1200)


def common(account: str, kind: str, day: date, start: int, length: int) -> Document:
    return {
        "userId": account,
        "summaryId": f"x{account[:6]}-{start:x}-{kind[:2]}",
        "calendarDate": day.isoformat(),
        "startTimeInSeconds": start,
        "startTimeOffsetInSeconds": offset(start),
        "durationInSeconds": length,
    }


def daily(account: str, day: date, now: int, revision: int) -> Document | None:
    """Grows with the clock until the day is over."""
    start = midnight(day)
    length = min(now - start, midnight(day + ONE) - start)
    if length <= 0:
        return None
    share = length / DAY
    pulse = {str(at): number(52, 96, "hr", account, day, at) for at in range(0, length, 5 * MINUTE)}
    low = number(45, 54, "low", account, day)
    return {
        **common(account, "dailies", day, start, length),
        "activityType": "WALKING",
        "steps": int(number(6000, 13000, "steps", account, day) * share) + 500 * revision,
        "distanceInMeters": round(number(4500, 9500, "way", account, day) * share, 1),
        "activeTimeInSeconds": int(7000 * share),
        "activeKilocalories": int(number(350, 700, "active", account, day) * share),
        "bmrKilocalories": int(1620 * share),
        "moderateIntensityDurationInSeconds": int(1800 * share),
        "vigorousIntensityDurationInSeconds": int(900 * share),
        "floorsClimbed": int(number(4, 16, "floors", account, day) * share),
        "minHeartRateInBeatsPerMinute": low,
        "averageHeartRateInBeatsPerMinute": 64,
        "maxHeartRateInBeatsPerMinute": number(120, 165, "high", account, day),
        "restingHeartRateInBeatsPerMinute": low + 4,
        "timeOffsetHeartRateSamples": pulse,
        "averageStressLevel": number(20, 45, "stress", account, day),
        "maxStressLevel": number(70, 98, "most", account, day),
        "restStressDurationInSeconds": int(30000 * share),
        "highStressDurationInSeconds": int(2400 * share),
        "stressQualifier": "balanced",
    }


def sleep(account: str, day: date, now: int, revision: int) -> Document | None:
    """Return the night that ends on the day; each revision is ten minutes longer."""
    start = midnight(day) - number(10, 70, "bed", account, day) * MINUTE
    levels: dict[str, list[Document]] = {"light": [], "deep": [], "rem": [], "awake": []}
    at = start
    for index in range(4 * 5):
        end = at + LENGTHS[index % 4]
        levels[CYCLE[index % 4]].append({"startTimeInSeconds": at, "endTimeInSeconds": end})
        at = end
    levels["awake"].append({"startTimeInSeconds": at, "endTimeInSeconds": at + 480})
    levels["light"].append({"startTimeInSeconds": at + 480, "endTimeInSeconds": at + 1080 + 600 * revision})
    end = at + 1080 + 600 * revision
    if end + 20 * MINUTE > now:
        return None
    asleep = end - start - 480
    return {
        **common(account, "sleeps", day, start, asleep),
        "deepSleepDurationInSeconds": 5 * 1800,
        "lightSleepDurationInSeconds": asleep - 5 * 3000,
        "remSleepInSeconds": 5 * 1200,
        "awakeDurationInSeconds": 480,
        "unmeasurableSleepInSeconds": 0,
        "sleepLevelsMap": levels,
        "validation": "ENHANCED_FINAL" if revision else "ENHANCED_TENTATIVE",
        "overallSleepScore": {"value": number(60, 93, "score", account, day), "qualifierKey": "GOOD"},
        "timeOffsetSleepRespiration": {
            str(s): round(between(12, 16, "breath", account, day, s), 1) for s in range(0, asleep, 900)
        },
    }


def epochs(account: str, day: date, now: int, revision: int) -> Document | None:
    """Return one slot, of the day's ninth hour, walked through."""
    start = midnight(day) + 9 * 3600
    if start + 900 > now:
        return None
    return {
        **common(account, "epochs", day, start, 900),
        "activityType": "WALKING",
        "steps": number(200, 900, "epoch", account, day),
        "distanceInMeters": 410.0,
        "activeKilocalories": 21,
        "activeTimeInSeconds": 600,
        "met": 3.2,
        "intensity": "ACTIVE",
    }


def stress(account: str, day: date, now: int, revision: int) -> Document | None:
    start = midnight(day)
    length = min(now - start, DAY)
    if length <= 0:
        return None
    levels = {str(s): number(-2, 60, "level", account, day, s) for s in range(0, length, 900)}
    battery = {str(s): number(25, 95, "battery", account, day, s // 3600) for s in range(0, length, 900)}
    found = common(account, "stressDetails", day, start, length)
    return {**found, "timeOffsetStressLevelValues": levels, "timeOffsetBodyBatteryValues": battery}


def _nightly(kind: str, more: Callable[[str, date], Document]) -> Callable[[str, date, int, int], Document | None]:
    def make(account: str, day: date, now: int, revision: int) -> Document | None:
        night = sleep(account, day, now, revision)
        if night is None:
            return None
        return {**common(account, kind, day, night["startTimeInSeconds"], 28_000), **more(account, day)}

    return make


def _hrv(account: str, day: date) -> Document:
    values = {str(s): number(28, 80, "rmssd", account, day, s) for s in range(300, 27_000, 300)}
    return {"lastNightAvg": number(38, 60, "hrv", account, day), "lastNight5MinHigh": 84, "hrvValues": values}


def _spo2(account: str, day: date) -> Document:
    values = {str(s): number(93, 99, "spo2", account, day, s) for s in range(0, 27_000, 600)}
    return {"timeOffsetSpo2Values": values, "onDemand": False}


def _skin(account: str, day: date) -> Document:
    return {"avgDeviationCelsius": round(between(-0.6, 0.6, "skin", account, day), 2)}


def respiration(account: str, day: date, now: int, revision: int) -> Document | None:
    start = midnight(day) + 10 * 3600
    if start + 900 > now:
        return None
    values = {str(s): round(between(12, 17, "day", account, day, s), 1) for s in range(0, 900, 60)}
    found = common(account, "allDayRespiration", day, start, 900)
    del found["calendarDate"]
    return {**found, "timeOffsetEpochToBreaths": values}


def metrics(account: str, day: date, now: int, revision: int) -> Document | None:
    if day.weekday() != 6 or midnight(day) > now:
        return None
    named = {"userId": account, "summaryId": f"x{account[:6]}-{day}", "calendarDate": day.isoformat()}
    return {**named, "vo2Max": float(number(42, 47, "vo2", account, day)), "fitnessAge": 34, "enhanced": True}


def body(account: str, day: date, now: int, revision: int) -> Document | None:
    at = midnight(day) + 7 * 3600
    if day.weekday() not in (0, 3) or at > now:
        return None
    grams = number(71_000, 72_400, "weight", account, day)
    return {
        "userId": account, "summaryId": f"x{account[:6]}-{at:x}", "measurementTimeInSeconds": at,
        "measurementTimeOffsetInSeconds": offset(at), "weightInGrams": grams, "bodyFatInPercent": 21.5,
    }  # fmt: skip


KINDS: Final[dict[str, Callable[[str, date, int, int], Document | None]]] = {
    "dailies": daily, "sleeps": sleep, "epochs": epochs, "stressDetails": stress, "hrv": _nightly("hrv", _hrv),
    "pulseox": _nightly("pulseox", _spo2), "skinTemp": _nightly("skinTemp", _skin),
    "allDayRespiration": respiration, "userMetrics": metrics, "bodyComps": body,
}  # fmt: skip
