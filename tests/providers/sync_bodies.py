"""Sync bodies as phones write them, for the tests of this package."""

import json
from pathlib import Path
from typing import Any, cast

from healthdata.days import ZoneHistory
from healthdata.records import Record, Rejected
from providers import registry
from providers.contract import Context

WATCH = {"deviceName": "Apple Watch", "deviceModel": "Watch6,3", "deviceType": "watch"}
PHONE = {"deviceName": "iPhone", "deviceModel": "iPhone15,2", "deviceType": "phone"}
RECEIVED = 1_776_470_400_000  # 2026-04-18T00:00:00Z
ADAPTERS = Path(registry.__file__).parent / "adapters"


def sync(provider: str = "apple", **data: Any) -> bytes:
    """Return a whole body; data by collection."""
    envelope = {"provider": provider, "sdkVersion": "1.0.0", "syncTimestamp": "2026-04-15T20:00:00Z", "data": data}
    return json.dumps(envelope).encode()


def record(**fields: Any) -> dict[str, Any]:
    """Return a heart rate of the watch, but for what is given."""
    return {
        "id": "r-1",
        "type": "HKQuantityTypeIdentifierHeartRate",
        "startDate": "2026-04-15T06:30:00Z",
        "endDate": "2026-04-15T06:30:00Z",
        "value": 72,
        "unit": "count/min",
        "source": WATCH,
        **fields,
    }


def heart_rates(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Return one reading a minute from 06:00 UTC on; the value tells the minute."""
    return [
        record(
            id=f"hr-{n}",
            startDate=f"2026-04-{15 + n // 1440:02}T{n // 60 % 24:02}:{n % 60:02}:00Z",
            endDate=f"2026-04-{15 + n // 1440:02}T{n // 60 % 24:02}:{n % 60:02}:00Z",
            value=60 + n % 60,
        )
        for n in range(first, first + count)
    ]


def stage(name: Any, start: str, end: str, **fields: Any) -> dict[str, Any]:
    """Return a stage of the watch."""
    return {"id": f"{name}-{start}", "stage": name, "startDate": start, "endDate": end, "source": WATCH, **fields}


def workout(**fields: Any) -> dict[str, Any]:
    """Return a run of 35 minutes, but for what is given."""
    return {
        "id": "w-1",
        "type": "running",
        "startDate": "2026-04-15T06:00:00Z",
        "endDate": "2026-04-15T06:35:00Z",
        "source": WATCH,
        **fields,
    }


def sample_sync(provider: str) -> bytes:
    """Return the adapter's own sample payload."""
    return (ADAPTERS / provider / "fixtures" / "sync.json").read_bytes()


def normalise(
    body: bytes, provider: str = "apple", zone: str = "UTC", received: int = RECEIVED, kind: str = ""
) -> list[Record | Rejected]:
    """Return what the adapter makes of a body; of a vendor's cloud, of a document of that kind."""
    context = Context(received=received, zones=ZoneHistory(((0, zone),)), kind=kind)
    return cast(list[Record | Rejected], list(registry.get(provider).normalise(body, context)))


def one(item: dict[str, Any], provider: str = "apple", **options: Any) -> Record | Rejected:
    """Return what a single record becomes."""
    (found,) = normalise(sync(provider, records=[item]), provider, **options)
    return found
