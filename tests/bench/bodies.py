"""Prebuilt sync bodies: records of an Apple watch, 5 seconds apart, of the size that its SDK sends."""

from collections.abc import Sequence
from functools import cache

from wearlink.lib.clock import now_ms, rfc3339

DAY = 86_400_000
STEP = 5_000
START = now_ms() // DAY * DAY - 40 * DAY
SOURCE = (
    '{"appId":"com.apple.health.4E0C1B7A","deviceId":null,"deviceName":"Apple Watch",'
    '"deviceManufacturer":"Apple Inc.","deviceModel":"Watch6,3","deviceType":"watch",'
    '"deviceHardwareVersion":"Watch6,3","deviceSoftwareVersion":"10.3.1","recordingMethod":null,'
    '"operatingSystemVersion":{"majorVersion":10,"minorVersion":3,"patchVersion":1}}'
)
#: (type, unit, lowest value, spread, seconds): of 20 records 14 are heart rates
HEART = ("HeartRate", "count/min", 58, 40, 0)
OTHERS = (
    ("StepCount", "count", 3, 20, 5),
    ("ActiveEnergyBurned", "kcal", 1, 3, 5),
    ("StepCount", "count", 3, 20, 5),
    ("ActiveEnergyBurned", "kcal", 1, 3, 5),
    ("HeartRateVariabilitySDNN", "ms", 30, 50, 0),
    ("RespiratoryRate", "count/min", 12, 6, 0),
)


def record(number: int) -> str:
    """Return the record of that number; the same at every call."""
    kind, unit, low, spread, seconds = HEART if number % 20 < 14 else OTHERS[number % 20 - 14]
    start = START + number * STEP
    return (
        f'{{"id":"A1000000-0000-4000-8000-{number:012d}","parentId":null,'
        f'"type":"HKQuantityTypeIdentifier{kind}","startDate":"{rfc3339(start)}",'
        f'"endDate":"{rfc3339(start + seconds * 1000)}","zoneOffset":"+02:00",'
        f'"value":{low + number * 7919 % spread},"unit":"{unit}","source":{SOURCE},'
        f'"metadata":{{"HKMetadataKeyHeartRateMotionContext":"1"}}}}'
    )


PHONE = SOURCE.replace("Apple Watch", "iPhone").replace("Watch6,3", "iPhone14,2").replace('"watch"', '"phone"')


def on_the_phone(number: int) -> str:
    """Return what the phone in the pocket counts of the same five seconds."""
    kind, unit = ("DistanceWalkingRunning", "m") if number % 2 else ("StepCount", "count")
    start = START + number * STEP
    return (
        f'{{"id":"B1000000-0000-4000-8000-{number:012d}","parentId":null,'
        f'"type":"HKQuantityTypeIdentifier{kind}","startDate":"{rfc3339(start)}",'
        f'"endDate":"{rfc3339(start + STEP)}","zoneOffset":null,"value":{3 + number * 7919 % 17},"unit":"{unit}",'
        f'"source":{PHONE},"metadata":null}}'
    )


@cache
def two_devices(first: int, count: int) -> bytes:
    """Return a sync of as many records, the second half of them the phone's of the same time."""
    numbers = range(first, first + count // 2)
    return envelope([*map(record, numbers), *map(on_the_phone, numbers)], first + count // 2)


@cache
def body(first: int, count: int) -> bytes:
    """Return a sync of the records [first, first + count)."""
    return envelope([record(number) for number in range(first, first + count)], first + count)


def envelope(records: Sequence[str], last: int) -> bytes:
    """Return a body of these records, sent when the last one was over."""
    sent = rfc3339(START + last * STEP)
    return (
        f'{{"provider":"apple","sdkVersion":"1.0.0","syncTimestamp":"{sent}",'
        f'"data":{{"records":[{",".join(records)}],"sleep":[],"workouts":[]}}}}'
    ).encode()
