"""A day as the phone's SDK would send it: the JSON of POST /sdk/users/{user_id}/sync."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from wearlink.demo import movement, nights, training, vitals
from wearlink.demo.day import HOUR, DemoDay, DemoReading, zone_offset
from wearlink.demo.demo_users import Device
from wearlink.demo.nights import DemoNight
from wearlink.demo.training import TrainingSession
from wearlink.lib.clock import rfc3339

Json = dict[str, Any]
Words = dict[str, tuple[str, str, float]]  # what → type, unit, factor
SDK_VERSION: Final = "1.0.0"
_ANDROID: Final[Words] = {
    "heart_rate": ("HEART_RATE", "bpm", 1),
    "resting_heart_rate": ("RESTING_HEART_RATE", "bpm", 1),
    "variability": ("HEART_RATE_VARIABILITY", "ms", 1),
    "oxygen": ("OXYGEN_SATURATION", "%", 1),
    "breathing": ("RESPIRATORY_RATE", "breaths/min", 1),
    "steps": ("STEP_COUNT", "count", 1),
    "distance": ("DISTANCE", "m", 1),
    "floors": ("FLOORS_CLIMBED", "count", 1),
    "active_energy": ("ACTIVE_CALORIES_BURNED", "kcal", 1),
    "total_energy": ("TOTAL_CALORIES_BURNED", "kcal", 1),
    "metabolic_rate": ("BASAL_METABOLIC_RATE", "kcal/day", 1),
    "weight": ("WEIGHT", "kg", 1),
    "height": ("HEIGHT", "m", 1),
}
_QUANTITY: Final = "HKQuantityTypeIdentifier"
#: by provider. What a platform has no type for is not sent.
WORDS: Final[dict[str, Words]] = {
    "apple": {
        "heart_rate": (f"{_QUANTITY}HeartRate", "count/min", 1),
        "resting_heart_rate": (f"{_QUANTITY}RestingHeartRate", "count/min", 1),
        "variability": (f"{_QUANTITY}HeartRateVariabilitySDNN", "ms", 1),
        "oxygen": (f"{_QUANTITY}OxygenSaturation", "%", 0.01),
        "breathing": (f"{_QUANTITY}RespiratoryRate", "count/min", 1),
        "steps": (f"{_QUANTITY}StepCount", "count", 1),
        "distance": (f"{_QUANTITY}DistanceWalkingRunning", "m", 1),
        "floors": (f"{_QUANTITY}FlightsClimbed", "count", 1),
        "exercise": (f"{_QUANTITY}AppleExerciseTime", "min", 1),
        "stand_time": (f"{_QUANTITY}AppleStandTime", "min", 1),
        "stood": ("HKCategoryTypeIdentifierAppleStandHour", "", 1),
        "active_energy": (f"{_QUANTITY}ActiveEnergyBurned", "kcal", 1),
        "basal_energy": (f"{_QUANTITY}BasalEnergyBurned", "kcal", 1),
        "weight": (f"{_QUANTITY}BodyMass", "kg", 1),
        "height": (f"{_QUANTITY}Height", "m", 1),
    },
    "samsung": _ANDROID,
    "google": _ANDROID,
}
_APPLE_STAGES: Final = {"light": "asleep_light", "deep": "asleep_deep", "rem": "asleep_rem"}


def body(day: DemoDay, until: int) -> bytes:
    """Return everything of the day that had ended by `until` (ms). The same bytes at every call."""
    zone = _ZoneOffsets(day.time_zone)
    devices = {device: _source(device) for device in day.demo_user.devices}
    sent = min(day.end, until)
    return orjson.dumps(
        {
            "provider": day.demo_user.provider,
            "sdkVersion": SDK_VERSION,
            "syncTimestamp": rfc3339(sent),
            "timeZone": day.time_zone,
            "data": {
                "records": list(_records(day, sent, zone, devices)),
                "sleep": [
                    stage for night in nights.nights(day) if night.end <= sent for stage in _sleep(day, night, zone)
                ],
                "workouts": [_workout(one, zone) for one in training.sessions(day) if one.end <= sent],
            },
        }
    )


class _ZoneOffsets(dict[int, str]):
    """Offset by the quarter of an hour; one look-up in the zone's tables each."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, quarter: int) -> str:
        self[quarter] = offset = zone_offset(quarter * HOUR // 4, self._zone)
        return offset

    def at(self, ms: int) -> str:
        return self[ms * 4 // HOUR]


def _source(device: Device) -> Json:
    return {
        "appId": device.app,
        "deviceName": device.name,
        "deviceManufacturer": device.manufacturer,
        "deviceModel": device.model,
        "deviceType": device.kind,
    }


def _records(day: DemoDay, until: int, zone: _ZoneOffsets, devices: dict[Device, Json]) -> Iterator[Json]:
    words = WORDS[day.demo_user.provider]
    sources: tuple[Callable[[DemoDay], Iterator[DemoReading]], ...] = (vitals.readings, movement.readings)
    for read in sources:
        for what, start, end, value, device in read(day):
            if end > until or what not in words:
                continue
            kind, unit, factor = words[what]
            yield {
                "id": f"{day.demo_user.external_id}-{what}-{device.kind}-{start // 1000}",
                "type": kind,
                "startDate": rfc3339(start),
                "endDate": rfc3339(end),
                "zoneOffset": zone.at(start),
                "value": value if factor == 1 else round(value * factor, 4),
                "unit": unit,
                "source": devices[device],
            }


def _sleep(day: DemoDay, night: DemoNight, zone: _ZoneOffsets) -> Iterator[Json]:
    provider, source = day.demo_user.provider, _source(night.device)
    scored = provider == "samsung" and night.score is not None
    values = [{"type": "sleepScore", "value": night.score, "unit": "score"}] if scored else []
    for number, stage in enumerate(night.stages):
        name = _APPLE_STAGES.get(stage.stage, stage.stage) if provider == "apple" else stage.stage
        yield {
            "id": f"{night.id}-s{number}",
            "parentId": night.id,
            "stage": name,
            "startDate": rfc3339(stage.start),
            "endDate": rfc3339(stage.end),
            "zoneOffset": zone.at(stage.start),
            "source": source,
            "values": values,
        }


def _workout(session: TrainingSession, zone: _ZoneOffsets) -> Json:
    android = session.demo_user.provider != "apple"
    pulse = training.readings(session)
    return {
        "id": session.id,
        "type": session.sport.kind.upper() if android else session.sport.kind,
        "startDate": rfc3339(session.start),
        "endDate": rfc3339(session.end),
        "zoneOffset": zone.at(session.start),
        "source": _source(session.demo_user.watch),
        "values": [{"type": kind, "value": value, "unit": unit} for kind, value, unit in _figures(session, pulse)],
        "laps": [
            {"startDate": rfc3339(start), "endDate": rfc3339(end), "distanceM": meters}
            for start, end, meters in training.laps(session)
        ],
        "route": [
            {"timestamp": rfc3339(at), "latitude": latitude, "longitude": longitude, "altitudeM": altitude}
            for at, latitude, longitude, altitude in training.route(session)
        ],
        "samples": [{"timestamp": rfc3339(at), "type": "heartRate", "value": bpm, "unit": "bpm"} for at, bpm in pulse],
    }


def _figures(session: TrainingSession, pulse: list[tuple[int, float]]) -> Iterator[tuple[str, float, str]]:
    beats = [bpm for _, bpm in pulse]
    milliseconds = session.demo_user.provider == "samsung"
    yield ("duration", session.seconds * 1000, "ms") if milliseconds else ("duration", session.seconds, "s")
    yield "activeEnergyBurned", session.kcal, "kcal"
    yield "averageHeartRate", round(sum(beats) / len(beats), 1), "bpm"
    yield "maxHeartRate", max(beats), "bpm"
    yield "minHeartRate", min(beats), "bpm"
    if session.meters:
        yield "distance", session.meters, "m"
        yield "averageSpeed", round(session.speed, 2), "m/s"
        yield "elevationAscended", session.climb, "m"
        yield "elevationDescended", session.climb, "m"
