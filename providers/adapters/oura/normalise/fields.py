"""The fields Oura documents, per collection: any other is new and is counted."""

from typing import Final

_DATED: Final = frozenset({"id", "day", "timestamp"})
_SCORED: Final = _DATED | {"score", "contributors"}

KNOWN: Final[dict[str, frozenset[str]]] = {
    "personal_info": frozenset({"id", "age", "weight", "height", "biological_sex", "email"}),
    "daily_activity": _SCORED
    | {
        *("class_5_min", "active_calories", "total_calories", "average_met_minutes", "equivalent_walking_distance"),
        *("high_activity_met_minutes", "high_activity_time", "inactivity_alerts", "low_activity_met_minutes"),
        *("low_activity_time", "medium_activity_met_minutes", "medium_activity_time", "met", "meters_to_target"),
        *("non_wear_time", "resting_time", "sedentary_met_minutes", "sedentary_time", "steps", "target_calories"),
        "target_meters",
    },
    "daily_sleep": _SCORED,
    "daily_readiness": _SCORED | {"temperature_deviation", "temperature_trend_deviation"},
    "daily_spo2": _DATED | {"spo2_percentage", "breathing_disturbance_index"},
    "daily_stress": _DATED | {"stress_high", "recovery_high", "day_summary"},
    "daily_resilience": _DATED | {"level", "contributors"},
    "daily_cardiovascular_age": _DATED | {"vascular_age", "pulse_wave_velocity"},
    "vO2_max": _DATED | {"vo2_max"},
    "sleep": _DATED
    | {
        *("type", "bedtime_start", "bedtime_end", "time_in_bed", "total_sleep_duration", "awake_time", "latency"),
        *("light_sleep_duration", "deep_sleep_duration", "rem_sleep_duration", "efficiency", "average_heart_rate"),
        *("lowest_heart_rate", "average_hrv", "average_breath", "heart_rate", "hrv", "sleep_phase_5_min"),
        *("sleep_phase_30_sec", "app_sleep_phase_5_min", "movement_30_sec", "restless_periods", "period", "ring_id"),
        *("low_battery_alert", "sleep_algorithm_version", "sleep_analysis_reason", "readiness"),
        *("sleep_score_delta", "readiness_score_delta"),
    },
    "heartrate": frozenset({"bpm", "timestamp", "timestamp_unix", "source"}),
    "workout": _DATED
    | {"activity", "calories", "distance", "end_datetime", "intensity", "label", "source", "start_datetime"},
    "session": _DATED
    | {"start_datetime", "end_datetime", "type", "mood", "heart_rate", "heart_rate_variability", "motion_count"},
    "sleep_time": _DATED | {"optimal_bedtime", "recommendation", "status"},
    "rest_mode_period": frozenset({"id", "start_day", "start_time", "end_day", "end_time", "episodes"}),
    "tag": _DATED | {"text", "tags"},
    "enhanced_tag": frozenset(
        {"id", "tag_type_code", "start_time", "end_time", "start_day", "end_day", "comment", "custom_name"}
    ),
    "ring_configuration": frozenset(
        {"id", "color", "design", "firmware_version", "hardware_type", "set_up_at", "size"}
    ),
    "ring_battery_level": frozenset({"timestamp", "timestamp_unix", "level", "charging", "in_charger"}),
}
