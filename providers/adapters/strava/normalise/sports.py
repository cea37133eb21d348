"""Strava's sport_type → workout type, and which series the readings of a sport belong to."""

from typing import Final

SPORTS: Final[dict[str, str]] = {
    "Run": "running",
    "VirtualRun": "virtual_running",
    "TrailRun": "trail_running",
    **dict.fromkeys(("Ride", "Velomobile"), "cycling"),
    "MountainBikeRide": "mountain_biking",
    "GravelRide": "gravel_cycling",
    **dict.fromkeys(("EBikeRide", "EMountainBikeRide"), "e_biking"),
    "VirtualRide": "virtual_cycling",
    "Handcycle": "hand_cycling",
    "Swim": "swimming",
    "Walk": "walking",
    "Hike": "hiking",
    "AlpineSki": "downhill_skiing",
    "BackcountrySki": "backcountry_skiing",
    "NordicSki": "cross_country_skiing",
    "RollerSki": "roller_skiing",
    "Snowboard": "snowboarding",
    "Snowshoe": "snowshoeing",
    "IceSkate": "ice_skating",
    "InlineSkate": "inline_skating",
    "Skateboard": "skateboarding",
    "Rowing": "rowing",
    "VirtualRow": "rowing_machine",
    "Canoeing": "canoeing",
    "Kayaking": "kayaking",
    "StandUpPaddling": "stand_up_paddleboarding",
    "Surfing": "surfing",
    "Kitesurf": "kitesurfing",
    "Windsurf": "windsurfing",
    "Sail": "sailing",
    "WeightTraining": "strength_training",
    "Crossfit": "crossfit",
    "HighIntensityIntervalTraining": "hiit",
    "Elliptical": "elliptical",
    "StairStepper": "stair_climbing",
    "Yoga": "yoga",
    "Pilates": "pilates",
    "Dance": "dance",
    "PhysicalTherapy": "other",
    "Badminton": "badminton",
    "Padel": "padel",
    "Pickleball": "pickleball",
    "Racquetball": "racquetball",
    "Squash": "squash",
    "TableTennis": "table_tennis",
    "Tennis": "tennis",
    "Basketball": "basketball",
    "Cricket": "cricket",
    "Soccer": "soccer",
    "Volleyball": "volleyball",
    "Golf": "golf",
    "RockClimbing": "rock_climbing",
    "Wheelchair": "wheelchair",
    "Workout": "other",
}
ON_TRAINER: Final = {"cycling": "indoor_cycling", "running": "treadmill_running"}
FEET: Final = frozenset({"Run", "VirtualRun", "TrailRun", "Walk", "Hike", "Snowshoe"})  # cadence is of one foot
RUNS: Final = frozenset({"Run", "VirtualRun", "TrailRun"})
RIDES: Final = frozenset(
    {
        "Ride",
        "Velomobile",
        "MountainBikeRide",
        "GravelRide",
        "EBikeRide",
        "EMountainBikeRide",
        "VirtualRide",
        "Handcycle",
    }
)
WORKOUT_TYPES: Final = tuple(dict.fromkeys([*SPORTS.values(), *ON_TRAINER.values()]))

#: stream → series, by family of sport; "" is any other
SERIES: Final[dict[str, dict[str, str]]] = {
    "heartrate": {"": "heart_rate"},
    "velocity_smooth": {"": "speed", "runs": "running_speed", "rides": "cycling_speed"},
    "cadence": {"": "cadence", "feet": "step_cadence", "rides": "cycling_cadence"},
    "watts": {"": "power", "runs": "running_power", "rides": "cycling_power"},
    "altitude": {"": "altitude"},
    "temp": {"": "air_temperature"},
    "grade_smooth": {"": "grade"},
}
POSITION: Final = ("latitude", "longitude")


def series_of(stream: str, sport: str) -> str:
    """Return the series of a stream in a sport."""
    choices = SERIES[stream]
    for family, members in (("runs", RUNS), ("rides", RIDES), ("feet", FEET)):
        if family in choices and sport in members:
            return choices[family]
    return choices[""]
