"""Garmin's activity types → workout types, and which series the readings of a sport belong to."""

import re
from typing import Final

from healthdata.catalogue import OTHER

#: names without a trailing _V2 or _WS; what is not here is `other` and keeps its name
SPORTS: Final[dict[str, str]] = {
    **dict.fromkeys(("RUNNING", "STREET_RUNNING"), "running"),
    "TRACK_RUNNING": "track_running",
    "ULTRA_RUN": "ultra_running",
    "OBSTACLE_RUN": "obstacle_run",
    "VIRTUAL_RUN": "virtual_running",
    "TRAIL_RUNNING": "trail_running",
    **dict.fromkeys(("TREADMILL_RUNNING", "INDOOR_RUNNING"), "treadmill_running"),
    **dict.fromkeys(("CYCLING", "TRACK_CYCLING", "RECUMBENT_CYCLING"), "cycling"),
    "ROAD_BIKING": "road_cycling",
    "GRAVEL_CYCLING": "gravel_cycling",
    "BMX": "bmx",
    **dict.fromkeys(("MOUNTAIN_BIKING", "DOWNHILL_BIKING", "ENDURO_MTB"), "mountain_biking"),
    "CYCLOCROSS": "cyclocross",
    **dict.fromkeys(("E_BIKE_FITNESS", "E_BIKE_MOUNTAIN", "E_ENDURO_MTB"), "e_biking"),
    "INDOOR_CYCLING": "indoor_cycling",
    "VIRTUAL_RIDE": "virtual_cycling",
    **dict.fromkeys(("HANDCYCLING", "INDOOR_HANDCYCLING", "HAND_CYCLING", "INDOOR_HAND_CYCLING"), "hand_cycling"),
    "SWIMMING": "swimming",
    "LAP_SWIMMING": "pool_swimming",
    "OPEN_WATER_SWIMMING": "open_water_swimming",
    **dict.fromkeys(("WALKING", "CASUAL_WALKING"), "walking"),
    "SPEED_WALKING": "power_walking",
    "INDOOR_WALKING": "treadmill_walking",
    "HIKING": "hiking",
    "RUCKING": "backpacking",
    "STRENGTH_TRAINING": "strength_training",
    "HIIT": "hiit",
    "INDOOR_CARDIO": "mixed_cardio",
    "JUMP_ROPE": "jump_rope",
    "FITNESS_EQUIPMENT": "fitness_equipment",
    "ELLIPTICAL": "elliptical",
    "INDOOR_ROWING": "rowing_machine",
    **dict.fromkeys(("STAIR_CLIMBING", "FLOOR_CLIMBING"), "stair_climbing"),
    "YOGA": "yoga",
    "PILATES": "pilates",
    "MOBILITY": "stretching",
    "MEDITATION": "meditation",
    "BREATHWORK": "guided_breathing",
    "INDOOR_CLIMBING": "indoor_climbing",
    "BOULDERING": "bouldering",
    "ROCK_CLIMBING": "rock_climbing",
    "MOUNTAINEERING": "mountaineering",
    **dict.fromkeys(("RESORT_SKIING", "RESORT_SKIING_SNOWBOARDING"), "downhill_skiing"),
    **dict.fromkeys(("SNOWBOARDING", "RESORT_SNOWBOARDING", "BACKCOUNTRY_SNOWBOARDING"), "snowboarding"),
    **dict.fromkeys(("BACKCOUNTRY_SKIING", "BACKCOUNTRY_SKIING_SNOWBOARDING"), "backcountry_skiing"),
    **dict.fromkeys(("CROSS_COUNTRY_SKIING", "SKATE_SKIING"), "cross_country_skiing"),
    **dict.fromkeys(("SNOW_SHOE", "SNOWSHOEING"), "snowshoeing"),
    "SKATING": "ice_skating",
    "SNOWMOBILING": "snowmobiling",
    "WINTER_SPORTS": "snow_sports",
    "ROWING": "rowing",
    "KAYAKING": "kayaking",
    "PADDLING": "paddle_sports",
    **dict.fromkeys(("WHITEWATER_RAFTING", "WHITEWATER_RAFTING_KAYAKING"), "rafting"),
    "STAND_UP_PADDLEBOARDING": "stand_up_paddleboarding",
    "SURFING": "surfing",
    **dict.fromkeys(("KITEBOARDING", "WIND_KITE_SURFING"), "kitesurfing"),
    "WINDSURFING": "windsurfing",
    "WAKEBOARDING": "wakeboarding",
    "WATERSKIING": "water_skiing",
    **dict.fromkeys(("SAILING", "OFFSHORE_GRINDING", "ONSHORE_GRINDING"), "sailing"),
    "BOATING": "boating",
    "FISHING": "fishing",
    "SNORKELING": "snorkeling",
    "WATER_SPORTS": "water_sports",
    "AMERICAN_FOOTBALL": "american_football",
    "BASEBALL": "baseball",
    "BASKETBALL": "basketball",
    "CRICKET": "cricket",
    "FIELD_HOCKEY": "hockey",
    "ICE_HOCKEY": "ice_hockey",
    "LACROSSE": "lacrosse",
    "RUGBY": "rugby",
    "SOCCER": "soccer",
    "SOFTBALL": "softball",
    "ULTIMATE_DISC": "disc_sports",
    "VOLLEYBALL": "volleyball",
    "TEAM_SPORTS": "team_sports",
    "BADMINTON": "badminton",
    "PADDELBALL": "padel",
    "PICKLEBALL": "pickleball",
    "RACQUETBALL": "racquetball",
    "SQUASH": "squash",
    "TABLE_TENNIS": "table_tennis",
    "TENNIS": "tennis",
    "BOXING": "boxing",
    "MIXED_MARTIAL_ARTS": "mixed_martial_arts",
    "DANCE": "dance",
    "GOLF": "golf",
    "DISC_GOLF": "disc_golf",
    "INLINE_SKATING": "inline_skating",
    "MULTI_SPORT": "multisport",
    "TRIATHLON": "triathlon",
    "DUATHLON": "duathlon",
    **dict.fromkeys(
        ("TRANSITION", "BIKE_TO_RUN_TRANSITION", "RUN_TO_BIKE_TRANSITION", "SWIM_TO_BIKE_TRANSITION"), "transition"
    ),
    "WHEELCHAIR_PUSH_RUN": "wheelchair_run_pace",
    "WHEELCHAIR_PUSH_WALK": "wheelchair_walk_pace",
    "PARA_SPORTS": "wheelchair",
    **dict.fromkeys(("OTHER", "STOP_WATCH", "PLATFORM_TENNIS", "RACKET_SPORTS"), OTHER),
}
PLAINLY_OTHER: Final = frozenset({"OTHER", "STOP_WATCH"})  # names that say no more than `other`
WORKOUT_TYPES: Final = tuple(dict.fromkeys([*SPORTS.values(), OTHER]))
RUNS: Final = frozenset(
    {
        *("running", "track_running", "ultra_running", "obstacle_run", "virtual_running", "trail_running"),
        "treadmill_running",
    }
)
RIDES: Final = frozenset(
    {
        *("cycling", "road_cycling", "gravel_cycling", "bmx", "mountain_biking", "cyclocross", "e_biking"),
        *("indoor_cycling", "virtual_cycling", "hand_cycling"),
    }
)
#: what is measured → series, by family of sport; "" is any other
BY_SPORT: Final[dict[str, dict[str, str]]] = {
    "speed": {"": "speed", "runs": "running_speed", "rides": "cycling_speed"},
    "power": {"": "power", "runs": "running_power", "rides": "cycling_power"},
}
SERIES: Final = tuple(series for choices in BY_SPORT.values() for series in choices.values())
_VARIANT: Final = re.compile(r"_(?:V2|WS)$")


def canonical(raw: str) -> str:
    """Return a vendor's name in upper case, without what marks its variant: RESORT_SKIING_WS, CYCLING_V2."""
    return _VARIANT.sub("", raw.strip().upper().replace(" ", "_"))


def workout_type(raw: str) -> str | None:
    """Return the catalogue's type; None for a name nobody knows."""
    return SPORTS.get(canonical(raw))


def series_of(measured: str, kind: str) -> str:
    """Return the series of speed or power in a workout of this type."""
    choices = BY_SPORT[measured]
    return choices["runs" if kind in RUNS else "rides" if kind in RIDES else ""]
