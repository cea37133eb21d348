"""Sports of FIT files → the names that Garmin's API has for them, whose table then gives the workout type."""

from typing import Final

from healthdata.catalogue import OTHER
from providers.adapters.garmin.normalise.sports import RUNS, SPORTS, canonical

#: sport, or sport and sub-sport → name
NAMES: Final[dict[str, str]] = {
    "running:treadmill": "TREADMILL_RUNNING", "running:indoor_running": "INDOOR_RUNNING",
    "running:trail": "TRAIL_RUNNING", "running:track": "TRACK_RUNNING", "running:street": "STREET_RUNNING",
    "running:virtual_activity": "VIRTUAL_RUN", "running:obstacle": "OBSTACLE_RUN", "running:ultra": "ULTRA_RUN",
    "cycling:indoor_cycling": "INDOOR_CYCLING", "cycling:spin": "INDOOR_CYCLING", "cycling:road": "ROAD_BIKING",
    "cycling:mountain": "MOUNTAIN_BIKING", "cycling:downhill": "DOWNHILL_BIKING", "cycling:bmx": "BMX",
    "cycling:cyclocross": "CYCLOCROSS", "cycling:gravel_cycling": "GRAVEL_CYCLING",
    "cycling:virtual_activity": "VIRTUAL_RIDE", "cycling:hand_cycling": "HANDCYCLING",
    "cycling:track_cycling": "TRACK_CYCLING", "cycling:recumbent": "RECUMBENT_CYCLING",
    "cycling:e_bike_fitness": "E_BIKE_FITNESS", "cycling:e_bike_mountain": "E_BIKE_MOUNTAIN",
    "e_biking": "E_BIKE_FITNESS",
    "swimming:lap_swimming": "LAP_SWIMMING", "swimming:open_water": "OPEN_WATER_SWIMMING",
    "walking:indoor_walking": "INDOOR_WALKING", "walking:speed_walking": "SPEED_WALKING",
    "walking:casual_walking": "CASUAL_WALKING", "hiking:rucking": "RUCKING", "walking:rucking": "RUCKING",
    "training:strength_training": "STRENGTH_TRAINING", "training:cardio_training": "INDOOR_CARDIO",
    "training:yoga": "YOGA", "training:pilates": "PILATES", "training:hiit": "HIIT", "training:breathing": "BREATHWORK",
    "training": "OTHER", "generic": "OTHER", "all": "OTHER",
    "fitness_equipment:elliptical": "ELLIPTICAL", "fitness_equipment:indoor_rowing": "INDOOR_ROWING",
    "fitness_equipment:stair_climbing": "STAIR_CLIMBING", "rowing:indoor_rowing": "INDOOR_ROWING",
    "floor_climbing": "FLOOR_CLIMBING",
    "cross_country_skiing:skate_skiing": "SKATE_SKIING", "alpine_skiing": "RESORT_SKIING",
    "alpine_skiing:backcountry": "BACKCOUNTRY_SKIING", "snowboarding:backcountry": "BACKCOUNTRY_SNOWBOARDING",
    "winter_sport": "WINTER_SPORTS", "ice_skating": "SKATING", "water_sport": "WATER_SPORTS",
    "team_sport": "TEAM_SPORTS", "hockey": "FIELD_HOCKEY", "hockey:ice": "ICE_HOCKEY",
    "team_sport:ultimate": "ULTIMATE_DISC", "para_sport": "PARA_SPORTS",
    "racket": "RACKET_SPORTS", "racket:pickleball": "PICKLEBALL", "racket:padel": "PADDELBALL",
    "racket:squash": "SQUASH", "racket:badminton": "BADMINTON", "racket:racquetball": "RACQUETBALL",
    "racket:table_tennis": "TABLE_TENNIS", "racket:platform": "PLATFORM_TENNIS",
    "rock_climbing:indoor_climbing": "INDOOR_CLIMBING", "rock_climbing:bouldering": "BOULDERING",
    "multisport": "MULTI_SPORT", "multisport:triathlon": "TRIATHLON", "multisport:duathlon": "DUATHLON",
    "kitesurfing": "KITEBOARDING", "water_skiing": "WATERSKIING",
    "wheelchair_push_run": "WHEELCHAIR_PUSH_RUN", "wheelchair_push_walk": "WHEELCHAIR_PUSH_WALK",
}  # fmt: skip
ON_FOOT: Final = RUNS | {
    *("walking", "power_walking", "treadmill_walking", "hiking", "backpacking", "snowshoeing", "mountaineering")
}


def workout_type(sport: str, sub_sport: str) -> str:
    """Return the catalogue's type of a session."""
    name = NAMES.get(f"{sport}:{sub_sport}") or NAMES.get(sport) or canonical(sport)
    return SPORTS.get(name, OTHER)
