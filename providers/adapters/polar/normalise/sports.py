"""Polar's detailed_sport_info → workout type, and which series the readings of a sport belong to."""

from typing import Final

from healthdata.catalogue import OTHER

_NAMES: Final[dict[str, str]] = {
    "running": "RUNNING ROAD_RUNNING TRACK_AND_FIELD_RUNNING CROSS_COUNTRY_RUNNING DUATHLON_RUNNING TRIATHLON_RUNNING",
    "jogging": "JOGGING",
    "ultra_running": "ULTRARUNNING_RUNNING",
    "obstacle_run": "OBSTACLE_COURSE_RACING",
    "trail_running": "TRAIL_RUNNING OFFROADDUATHLON_RUNNING OFFROADTRIATHLON_RUNNING",
    "treadmill_running": "TREADMILL_RUNNING",
    "cycling": "CYCLING DUATHLON_CYCLING TRIATHLON_CYCLING KICKBIKE",
    "road_cycling": "ROAD_BIKING",
    "gravel_cycling": "GRAVEL",
    "mountain_biking": "MOUNTAIN_BIKING OFFROADDUATHLON_CYCLING OFFROADTRIATHLON_CYCLING",
    "e_biking": "E_BIKE",
    "indoor_cycling": "INDOOR_CYCLING LES_MILLS_RPM LES_MILLS_SPRINT LES_MILLS_TRIP",
    "spinning": "SPINNING",
    "hand_cycling": "PARASPORTS_HAND_CYCLING",
    "walking": "WALKING",
    "nordic_walking": "NORDIC_WALKING",
    "hiking": "HIKING",
    "backpacking": "RUCKING",
    "swimming": "SWIMMING",
    "pool_swimming": "POOL_SWIMMING",
    "open_water_swimming": "OPEN_WATER_SWIMMING TRIATHLON_SWIMMING OFFROADTRIATHLON_SWIMMING",
    "water_fitness": "AQUATICS WATER_EXERCISE WATER_RUNNING",
    "triathlon": "TRIATHLON OFFROADTRIATHLON",
    "duathlon": "DUATHLON OFFROADDUATHLON",
    "multisport": "FREE_MULTISPORT",
    "cross_country_skiing": "CROSS-COUNTRY_SKIING XC_SKIING_CLASSIC XC_SKIING_FREESTYLE",
    "biathlon": "BIATHLON",
    "roller_skiing": "ROLLER_SKIING_CLASSIC ROLLER_SKIING_FREESTYLE",
    "downhill_skiing": "DOWNHILL_SKIING TELEMARK_SKIING",
    "backcountry_skiing": "BACKCOUNTRY_SKIING",
    "snowboarding": "SNOWBOARDING",
    "snowshoeing": "SNOWSHOE_TREKKING",
    "skating": "SKATING",
    "ice_skating": "ICE_SKATING",
    "inline_skating": "INLINE_SKATING ROLLER_BLADING",
    "skateboarding": "SKATEBOARDING",
    "strength_training": "STRENGTH_TRAINING LES_MILLS_BODYPUMP LES_MILLS_TONE LES_MILLS_GRIT_STRENGTH",
    "core_training": "CORE LES_MILLS_CXWORKS",
    "calisthenics": "CALISTHENICS",
    "kettlebell_training": "KETTLEBELL",
    "hiit": "HIIT LES_MILLS_GRIT_CARDIO LES_MILLS_GRIT_ATHLETIC",
    "boot_camp": "BOOTCAMP",
    "circuit_training": "CIRCUIT_TRAINING",
    "functional_strength_training": "FUNCTIONAL_TRAINING",
    "cross_training": "FITNESS_RACING",
    "jump_rope": "JUMP_ROPE",
    "elliptical": "CROSS_TRAINER",
    "rowing_machine": "INDOOR_ROWING",
    "ergometer": "SKIERG",
    "stair_climbing": "STAIR_WORKOUT",
    "step_training": "FITNESS_STEP LES_MILLS_BODYSTEP",
    "exercise_class": "GROUP_EXERCISE LES_MILLS_BODYATTACK LES_MILLS_BODYCOMBAT",
    "aerobics": "AEROBICS",
    "yoga": "YOGA",
    "pilates": "PILATES",
    "barre": "LES_MILLS_BARRE",
    "stretching": "STRETCHING",
    "flexibility": "MOBILITY_DYNAMIC MOBILITY_STATIC",
    "mind_and_body": "BODY_AND_MIND LES_MILLS_BODYBALANCE",
    "dance": "DANCING FITNESS_DANCING JAZZ_DANCING LATIN_DANCING MODERN_DANCING SHOW_DANCING STREET_DANCING "
    "LES_MILLS_BODYJAM LES_MILLS_SHBAM",
    "ballet": "BALLET_DANCING",
    "ballroom_dancing": "BALLROOM_DANCING",
    "boxing": "BOXING FITNESS_BOXING",
    "kickboxing": "KICKBOXING_MARTIAL_ARTS",
    "martial_arts": "FITNESS_MARTIAL_ARTS JUDO_MARTIAL_ARTS TAEKWONDO_MARTIAL_ARTS",
    "indoor_climbing": "VERTICALSPORTS_WALLCLIMBING",
    "rock_climbing": "VERTICALSPORTS_OUTCLIMBING",
    "climbing": "CLIMBING",
    "rowing": "ROWING",
    "canoeing": "WATERSPORTS_CANOEING",
    "kayaking": "WATERSPORTS_KAYAKING",
    "stand_up_paddleboarding": "SUP",
    "surfing": "WATERSPORTS_SURFING",
    "kitesurfing": "WATERSPORTS_KITESURFING",
    "windsurfing": "WATERSPORTS_WINDSURFING",
    "wakeboarding": "WATERSPORTS_WAKEBOARDING",
    "water_skiing": "WATERSPORTS_WATERSKI PARASPORTS_WATER_SKIING",
    "sailing": "WATERSPORTS_SAILING",
    "soccer": "SOCCER FUTSAL",
    "american_football": "AMERICAN_FOOTBALL",
    "rugby": "RUGBY",
    "basketball": "BASKETBALL PARASPORTS_WHEELCHAIR_BASKETBALL",
    "handball": "HANDBALL",
    "volleyball": "VOLLEYBALL",
    "beach_volleyball": "BEACH_VOLLEYBALL",
    "baseball": "BASEBALL FINNISH_BASEBALL",
    "cricket": "CRICKET",
    "hockey": "FIELD_HOCKEY",
    "ice_hockey": "ICE_HOCKEY RINGETTE PARASPORTS_SLED_HOCKEY",
    "floorball": "FLOORBALL",
    "curling": "CURLING",
    "disc_sports": "ULTIMATE",
    "disc_golf": "FRISBEEGOLF",
    "tennis": "TENNIS BEACH_TENNIS PARASPORTS_WHEELCHAIR_TENNIS",
    "badminton": "BADMINTON",
    "squash": "SQUASH",
    "table_tennis": "TABLE_TENNIS",
    "padel": "PADEL",
    "pickleball": "PICKLEBALL",
    "golf": "GOLF",
    "orienteering": "ORIENTEERING ORIENTEERING_MTB ORIENTEERING_SKI",
    "horseback_riding": "RIDING TROTTING",
    "gymnastics": "GYMNASTICK",
    "motor_sports": "MOTORSPORTS_CAR_RACING MOTORSPORTS_ENDURO MOTORSPORTS_HARD_ENDURO MOTORSPORTS_MOTOCROSS "
    "MOTORSPORTS_ROADRACING MOTORSPORTS_SNOCROSS",
    "wheelchair": "PARASPORTS_WHEELCHAIR",
    "shooting": "SHOOTING_SPORT_INDOOR SHOOTING_SPORT_OUTDOOR",
    OTHER: "OTHER_INDOOR OTHER_OUTDOOR AGILITY ESPORTS OTHER",
}
SPORTS: Final = {name: kind for kind, names in _NAMES.items() for name in names.split()}
WORKOUT_TYPES: Final = tuple(_NAMES)
RUNS: Final = frozenset(
    {*("running", "jogging", "ultra_running", "obstacle_run", "trail_running", "treadmill_running")}
)
RIDES: Final = frozenset(
    {
        *("cycling", "road_cycling", "gravel_cycling", "mountain_biking", "e_biking"),
        *("indoor_cycling", "spinning", "hand_cycling"),
    }
)
#: sample-type → series, by family of sport; "" is any other. 5, 6, 7 and 10 have no series of their own.
RECORDED: Final[dict[str, dict[str, str]]] = {
    "0": {"": "heart_rate"},
    "1": {"": "speed", "runs": "running_speed", "rides": "cycling_speed"},
    "2": {"": "cadence", "rides": "cycling_cadence"},
    "3": {"": "altitude"},
    "4": {"": "power", "runs": "running_power", "rides": "cycling_power"},
    "8": {"": "step_cadence"},
    "9": {"": "air_temperature"},
}
RR: Final = "rr_interval"
POSITION: Final = ("latitude", "longitude")


def kind_of(detailed: str | None, sport: str | None) -> tuple[str, bool]:
    """Return the workout type, and whether Polar's name of it is known; the more exact name goes first."""
    for name in (detailed, sport):
        if name in SPORTS:
            return SPORTS[name], name == (detailed or sport)
    return OTHER, not (detailed or sport)


def series_of(kind: str, workout_type: str) -> str:
    """Return the series of a sample-type in a workout; empty for none."""
    choices = RECORDED.get(kind, {})
    family = "runs" if workout_type in RUNS else "rides" if workout_type in RIDES else ""
    return choices.get(family, choices.get("", ""))
