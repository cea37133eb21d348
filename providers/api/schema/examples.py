"""The examples of the documentation, as the schema shows them."""

from typing import Final

from drf_spectacular.utils import OpenApiExample

_WATCH: Final = {"deviceName": "Apple Watch", "deviceModel": "Watch6,3", "deviceType": "watch"}
_USER: Final = "550e8400-e29b-41d4-a716-446655440000"
_BATCH: Final = "0b9d2c52-5c1e-4f0f-9a52-3a1f3f4b7c11"

SYNC: Final = OpenApiExample(
    "A sample, a workout and a stage",
    request_only=True,
    value={
        "provider": "apple",
        "sdkVersion": "1.0.0",
        "syncTimestamp": "2026-04-23T08:00:00Z",
        "data": {
            "records": [
                {
                    "id": "hk-record-uuid",
                    "type": "HKQuantityTypeIdentifierHeartRate",
                    "startDate": "2026-04-23T06:30:00Z",
                    "endDate": "2026-04-23T06:30:10Z",
                    "value": 72,
                    "unit": "count/min",
                    "source": _WATCH,
                }
            ],
            "workouts": [
                {
                    "id": "hk-workout-uuid",
                    "type": "running",
                    "startDate": "2026-04-23T06:00:00Z",
                    "endDate": "2026-04-23T06:35:00Z",
                    "values": [
                        {"type": "distance", "value": 5200, "unit": "m"},
                        {"type": "activeEnergyBurned", "value": 342, "unit": "kcal"},
                        {"type": "averageHeartRate", "value": 145, "unit": "count/min"},
                    ],
                    "source": _WATCH,
                }
            ],
            "sleep": [
                {
                    "id": "hk-sleep-uuid",
                    "stage": "asleep_deep",
                    "startDate": "2026-04-22T23:15:00Z",
                    "endDate": "2026-04-23T01:00:00Z",
                    "source": _WATCH,
                }
            ],
        },
    },
)
ACCEPTED: Final = OpenApiExample(
    "Stored",
    response_only=True,
    status_codes=["202"],
    value={
        "status_code": 202,
        "response": "Import task queued successfully",
        "user_id": _USER,
        "id": _BATCH,
        "batch_id": _BATCH,
        "status": "queued",
    },
)
STATUS: Final = OpenApiExample(
    "Done, one item refused",
    response_only=True,
    status_codes=["200"],
    value={
        "id": _BATCH,
        "batch_id": _BATCH,
        "user_id": _USER,
        "provider": "apple",
        "status": "done_with_errors",
        "created_at": "2026-04-23T08:00:01Z",
        "started_at": "2026-04-23T08:00:01Z",
        "finished_at": "2026-04-23T08:00:02Z",
        "items": 500,
        "inserted": 480,
        "updated": 3,
        "unchanged": 16,
        "rejected": {"unknown_unit:furlong": 1},
        "rejected_examples": [
            {"collection": "records", "index": 17, "field": "unit", "reason": "unknown_unit:furlong"}
        ],
        "error": None,
    },
)
