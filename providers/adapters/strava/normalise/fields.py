"""The fields Strava documents for activities and athletes: any other is new and is counted."""

from typing import Final

#: plain figures of an activity: field → (field of the workout, series whose bounds apply)
FIGURES: Final = {
    "distance": ("distance_meters", "distance_unspecified"),
    "average_speed": ("avg_speed_mps", "speed"),
    "max_speed": ("max_speed_mps", "speed"),
}
PULSE: Final = {"average_heartrate": "avg_heart_rate_bpm", "max_heartrate": "max_heart_rate_bpm"}
#: further numbers: field → (detail, series whose bounds apply)
DETAILS: Final = {
    "moving_time": ("moving_time_seconds", "handwashing_seconds"),
    "elapsed_time": ("elapsed_time_seconds", "handwashing_seconds"),
    "average_temp": ("average_temperature_celsius", "air_temperature"),
    "elev_high": ("max_altitude_meters", "altitude"),
    "elev_low": ("min_altitude_meters", "altitude"),
    "suffer_score": ("relative_effort", "training_load"),
    "perceived_exertion": ("perceived_exertion", "workout_effort_score"),
    "kilojoules": ("work_kilojoules", "active_calories"),
}
POWER: Final = {"max_watts": "max_power_watts", "weighted_average_watts": "weighted_average_power_watts"}
FLAGS: Final = {
    "trainer": "indoor",
    "commute": "commute",
    "manual": "manual_entry",
    "private": "private",
    "flagged": "flagged",
}
WORDS: Final = {
    "visibility": "visibility",
    "device_name": "device_name",
    "external_id": "upload_external_id",
    "upload_id_str": "upload_id",
    "gear_id": "gear_id",
}
#: workout_type is a number that means another thing in each family of sport
SUBTYPES: Final = {1: "race", 2: "long_run", 3: "workout", 11: "race", 12: "workout"}

KNOWN: Final = frozenset(
    {
        *FIGURES, *PULSE, *DETAILS, *POWER, *FLAGS, *WORDS,
        *("id", "name", "description", "sport_type", "type", "start_date", "start_date_local", "timezone"),
        *("utc_offset", "total_elevation_gain", "has_heartrate", "average_cadence", "average_watts", "device_watts"),
        *("calories", "start_latlng", "end_latlng", "map", "gear", "upload_id", "laps", "splits_metric"),
        *("splits_standard", "best_efforts", "segment_efforts", "workout_type", "resource_state", "athlete"),
        *("location_city", "location_state", "location_country", "achievement_count", "kudos_count", "comment_count"),
        *("athlete_count", "photo_count", "total_photo_count", "photos", "has_kudoed", "pr_count", "embed_token"),
        *("heartrate_opt_out", "display_hide_heartrate_option", "from_accepted_tag", "hide_from_home"),
        *("partner_brand_tag", "available_zones", "stats_visibility", "similar_activities", "leaderboard_opt_out"),
        "segment_leaderboard_opt_out",
        *("start_latitude", "start_longitude", "private_note", "prefer_perceived_exertion", "highlighted_kudosers"),
    }
)  # fmt: skip
ATHLETE: Final = frozenset(
    {
        *("id", "username", "resource_state", "firstname", "lastname", "bio", "city", "state", "country", "sex"),
        *("premium", "summit", "created_at", "updated_at", "badge_type_id", "weight", "ftp", "profile_medium"),
        *("profile", "friend", "follower", "blocked", "can_follow", "follower_count", "friend_count"),
        *("mutual_friend_count", "athlete_type", "date_preference", "measurement_preference", "clubs", "bikes"),
        *("shoes", "postable_clubs_count", "is_winback_via_upload", "is_winback_via_view"),
    }
)
