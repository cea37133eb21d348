"""The examples of the documentation, as the schema shows them."""

from typing import Final

from drf_spectacular.utils import OpenApiExample

from healthdata import summaries

_DEVICE: Final = {"provider": "garmin", "device": "Fenix 7"}
_RING: Final = {"provider": "oura", "device": "Oura Ring Gen3"}
_SCALE: Final = {"provider": "garmin", "device": "Index S2"}
_NO_FIGURES: Final[dict[str, None]] = dict.fromkeys(summaries.BODY)
_STAGES: Final = {
    "awake_minutes": 30,
    "light_minutes": 108,
    "deep_minutes": 180,
    "rem_minutes": 147,
    "unstaged_minutes": 30,
}
_NIGHT: Final = {
    "start_time": "2026-04-14T22:30:00Z",
    "end_time": "2026-04-15T06:45:00Z",
    "zone_offset": "+00:00",
    "duration_seconds": 29700,
    "sleep_duration_seconds": 27900,
    "efficiency_percent": 93.9,
    "stages": _STAGES,
    "avg_heart_rate_bpm": 56,
    "avg_hrv_sdnn_ms": None,
    "avg_hrv_rmssd_ms": 48.5,
    "avg_respiratory_rate": 14.1,
    "avg_spo2_percent": 97.2,
}
WORKOUT: Final = {
    "id": "7d0c2f43-52f5-4d0e-8a0f-0a6f4a1b6f10",
    "type": "running",
    "start_time": "2026-04-15T06:00:00Z",
    "end_time": "2026-04-15T06:35:00Z",
    "zone_offset": "+02:00",
    "is_primary": True,
    "same_as": None,
    "duration_seconds": 2100,
    "distance_meters": 5200,
    "calories_kcal": 342,
    "basal_calories_kcal": None,
    "avg_heart_rate_bpm": 145,
    "max_heart_rate_bpm": 165,
    "min_heart_rate_bpm": None,
    "avg_pace_sec_per_km": 404,
    "avg_speed_mps": None,
    "max_speed_mps": None,
    "average_power_watts": None,
    "elevation_gain_meters": 85,
    "elevation_loss_meters": None,
    "source": _DEVICE,
}
SLEEP: Final = {
    "id": "0b8a4b8e-6a5e-4d1c-9c37-1f2f1c0f5a77",
    "date": "2026-04-15",
    "is_nap": False,
    "is_primary": True,
    "same_as": None,
    "source": _RING,
} | _NIGHT
SAMPLE: Final = {
    "id": "0191f5c2-7a4b-8c11-8000-6f0a51c2d3e4",
    "timestamp": "2026-04-15T06:05:00Z",
    "series_type": "heart_rate",
    "value": 72.5,
    "unit": "bpm",
    "zone_offset": "+02:00",
    "duration_seconds": None,
    "grain": "instant",
    "source": {"provider": "apple", "device": "Apple Watch Series 9"},
}
SCORE: Final = {
    "id": "c7b0a1de-2f43-4a6b-9d55-54a2a1c0b9e1",
    "date": "2026-04-15",
    "category": "sleep",
    "score": 83,
    "range_min": 0,
    "range_max": 100,
    "provider": "oura",
    "algorithm": None,
    "version": None,
    "confidence": None,
    "components": {"efficiency": 91.0, "latency": 78.0},
    "missing": [],
    "reason": None,
    "inputs": {},
    "citations": [],
}
OWN_SCORE: Final = {
    "id": "5d0a7c52-8a11-4f9e-9c0b-0f6d1f1f7c44",
    "date": "2026-04-15",
    "category": "recovery",
    "score": 63,
    "range_min": 0,
    "range_max": 100,
    "provider": "wearlink",
    "algorithm": "wearlink-recovery",
    "version": "1.0",
    "confidence": 1,
    "components": {"hrv": 62, "resting_heart_rate": 50, "sleep": 78},
    "missing": [],
    "reason": None,
    "inputs": {
        "hrv_ms": 61.4,
        "usual_hrv_ms": 57.0,
        "usual_hrv_log_deviation": 0.155,
        "earlier_hrv_days": 52,
        "resting_heart_rate_bpm": 54,
        "usual_resting_heart_rate_bpm": 54,
        "usual_resting_heart_rate_deviation_bpm": 1.9,
        "earlier_resting_heart_rate_days": 55,
        "sleep_score": 78,
    },
    "citations": [
        "doi:10.1123/ijspp.2013-0455",
        "doi:10.1371/journal.pone.0227709",
        "doi:10.1038/s41591-021-01593-2",
    ],
}


def page(name: str, row: dict[str, object], *, total: int, more: bool) -> OpenApiExample:
    """Return a list answer that shows one row."""
    pagination = {"next_cursor": "eyJ…" if more else None, "has_more": more, "total_count": total}
    return OpenApiExample(name, {"data": [row], "pagination": pagination}, response_only=True)


TIMESERIES_PAGE: Final = page("Heart rate by five minutes", SAMPLE, total=1440, more=True)
WORKOUT_PAGE: Final = page("A run", WORKOUT, total=312, more=True)
SLEEP_PAGE: Final = page("A night", SLEEP, total=22, more=False)
SCORE_PAGE: Final = OpenApiExample(
    "A vendor's sleep score",
    {"data": [SCORE], "pagination": {"total_count": 22, "has_more": False}},
    response_only=True,
)
OWN_SCORE_PAGE: Final = OpenApiExample(
    "A recovery score of our own",
    {"data": [OWN_SCORE], "pagination": {"total_count": 22, "has_more": False}},
    response_only=True,
)
WORKOUT_DETAIL: Final = OpenApiExample(
    "A run with its route",
    WORKOUT
    | {
        "title": "Morning run",
        "notes": None,
        "original_type": None,
        "details": {"average_met": 9.8},
        "segments": [],
        "laps": [{"start_time": "2026-04-15T06:00:00Z", "end_time": "2026-04-15T06:06:44Z", "distance_meters": 1000.0}],
        "route": [
            {
                "timestamp": "2026-04-15T06:00:05Z",
                "latitude": 52.520008,
                "longitude": 13.404954,
                "altitude_meters": 34.2,
            }
        ],
        "route_resolution_seconds": None,
        "samples": [
            {"timestamp": "2026-04-15T06:00:05Z", "series_type": "heart_rate", "value": 118.0, "unit": "bpm"},
        ],
        "samples_resolution_seconds": None,
    },
    response_only=True,
)
SLEEP_DETAIL: Final = OpenApiExample(
    "A night with its course",
    SLEEP
    | {
        "hypnogram": [
            {"start_time": "2026-04-14T22:30:00Z", "end_time": "2026-04-14T22:42:00Z", "stage": "awake"},
            {"start_time": "2026-04-14T22:42:00Z", "end_time": "2026-04-14T23:20:00Z", "stage": "light"},
        ],
        "time_in_bed_seconds": 29700,
        "latency_seconds": 720,
        "awakenings": 2,
        "awake_after_onset_seconds": 1080,
    },
    response_only=True,
)
_USER_ID: Final = "3f2a1b6c-9d0e-4c7a-8b55-6e1f2d3c4b5a"
_WATCH_ID: Final = "5b8f1c1e-7a34-4f0e-9d2b-0c6f3a8e4d11"
_PHONE_ID: Final = "0d9e2b7c-61f5-4a83-8b1d-92c4e7f0a655"
ACTIVITY: Final = OpenApiExample(
    "One day",
    {
        "data": [
            {
                "date": "2026-04-15",
                "steps": 9241,
                "active_calories_kcal": 480.5,
                "basal_calories_kcal": 1900,
                "total_calories_kcal": 2380.5,
                "distance_meters": 6780.4,
                "flights_climbed": 11,
                "elevation_gain_meters": None,
                "active_minutes": 46,
                "sedentary_minutes": None,
                "avg_heart_rate_bpm": 71.4,
                "min_heart_rate_bpm": 48,
                "max_heart_rate_bpm": 165,
                "resting_heart_rate_bpm": 52,
                "sources": {"steps": {"provider": "apple", "device": "Apple Watch Series 9"}},
                "figures": {
                    "steps": {
                        "value": 9241,
                        "sources": [
                            {"id": _WATCH_ID, "provider": "apple", "device": "Apple Watch Series 9", "value": 8110},
                            {"id": _PHONE_ID, "provider": "apple", "device": "iPhone", "value": 1131},
                        ],
                        "coverage_minutes": 1012,
                        "is_partial": False,
                        "revision": 2,
                        "revised_at": "2026-04-16T05:12:44Z",
                    }
                },
                "explain": {
                    "steps": {
                        "rule": "sum",
                        "version": 2,
                        "value": 9241,
                        "unit_of_shares": "value",
                        "coverage_minutes": 1012,
                        "min_coverage": 0,
                        "is_shown": True,
                        "sources": [
                            {
                                "id": _PHONE_ID,
                                "provider": "apple",
                                "device": "iPhone",
                                "device_type": "phone",
                                "place": 2,
                                "kept": 1131,
                                "left_out": 7046,
                                "minutes": 96.5,
                                "is_daily_total": False,
                                "reasons": [
                                    {
                                        "reason": "covered",
                                        "amount": 7046,
                                        "detail": "A source that goes before it measured the same time.",
                                    }
                                ],
                                "samples": f"/api/v1/users/{_USER_ID}/timeseries?types=steps&source={_PHONE_ID}",
                            }
                        ],
                    }
                },
            }
        ]
    },
    response_only=True,
)
_SOURCE: Final = {
    "id": _WATCH_ID,
    "provider": "apple",
    "device": "Apple Watch Series 9",
    "device_type": "watch",
    "model": "Watch7,1",
    "manufacturer": "Apple Inc.",
    "apps": ["com.apple.health"],
    "name": None,
    "is_hidden": False,
    "merged_into": None,
    "first_at": "2026-01-03T07:12:00Z",
    "last_at": "2026-04-15T21:58:30Z",
    "series": [{"series_type": "heart_rate", "count": 61240}, {"series_type": "steps", "count": 9311}],
    "places": {"steps": 1, "heart_rate": 1},
}
SOURCE: Final = OpenApiExample("A watch", _SOURCE, response_only=True)
SOURCES: Final = OpenApiExample(
    "One source", {"data": [_SOURCE], "pagination": {"total_count": 1, "has_more": False}}, response_only=True
)
PREVIEW: Final = OpenApiExample(
    "One day would change",
    {
        "start_date": "2026-03-17",
        "end_date": "2026-04-15",
        "days_changed": 1,
        "data": [{"date": "2026-04-15", "figure": "steps", "now": 9241, "then": 8177}],
    },
    response_only=True,
)
REVISIONS: Final = OpenApiExample(
    "A sync that came late",
    {
        "data": [
            {
                "figure": "steps",
                "revision": 2,
                "old_value": 8110,
                "new_value": 9241,
                "causes": [{"kind": "batch", "id": "9a1f6f0e-52a5-4c0b-8f0e-3d7d2f1f8c77"}],
                "at": "2026-04-16T05:12:44Z",
            }
        ]
    },
    response_only=True,
)
SLEEP_SUMMARY: Final = OpenApiExample(
    "One night",
    {
        "data": [
            {"date": "2026-04-15", "sleep_id": SLEEP["id"], "sleep_ids": [SLEEP["id"]]}
            | _NIGHT
            | {
                "interruptions": 2,
                "awake_after_onset_minutes": 18,
                "latency_minutes": 12,
                "naps": {"count": 0, "sleep_duration_seconds": 0},
                "source": _RING,
            }
        ]
    },
    response_only=True,
)
BODY: Final = OpenApiExample(
    "Latest values and averages of seven days",
    {
        "latest": _NO_FIGURES
        | {
            "weight_kg": 71.2,
            "height_cm": 178,
            "bmi": 22.5,
            "resting_heart_rate_bpm": 52,
            "measured_at": {
                "weight_kg": "2026-04-15T06:50:00Z",
                "height_cm": "2026-01-02T09:00:00Z",
                "bmi": "2026-04-15T06:50:00Z",
                "resting_heart_rate_bpm": "2026-04-15T00:00:00Z",
            },
            "sources": {"weight_kg": _SCALE, "height_cm": _SCALE, "bmi": _SCALE, "resting_heart_rate_bpm": _RING},
        },
        "averaged": {name: None for name in _NO_FIGURES if name != "height_cm"}
        | {
            "weight_kg": 71.4,
            "resting_heart_rate_bpm": 53.1,
            "start_date": "2026-04-09",
            "end_date": "2026-04-15",
            "sources": {"weight_kg": _SCALE, "resting_heart_rate_bpm": _RING},
        },
    },
    response_only=True,
)
DATA_SUMMARY: Final = OpenApiExample(
    "Counts",
    {
        "user_id": "550e8400-e29b-41d4-a716-446655440000",
        "totals": {"samples": 17280, "workouts": 42, "sleep_sessions": 61, "health_scores": 60},
        "series": [
            {
                "series_type": "heart_rate",
                "provider": "apple",
                "count": 17280,
                "first_at": "2026-02-15T00:00:00Z",
                "last_at": "2026-04-15T23:55:00Z",
            }
        ],
        "workouts": [{"provider": "apple", "count": 42, "first_date": "2026-02-15", "last_date": "2026-04-15"}],
        "sleep_sessions": [{"provider": "apple", "count": 61, "first_date": "2026-02-15", "last_date": "2026-04-15"}],
        "health_scores": [{"provider": "wearlink", "count": 60, "first_date": "2026-02-15", "last_date": "2026-04-14"}],
    },
    response_only=True,
)
