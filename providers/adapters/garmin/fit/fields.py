"""Fields of a FIT record → series. Scales and offsets are those of the profile: value = raw / scale - offset."""

from typing import Final

import msgspec

SEMICIRCLE: Final = 180 / 2**31  # degrees


class FitField(msgspec.Struct, frozen=True):
    """value = raw * factor + shift. `measures` in place of a series: speed, power or cadence, by the sport."""

    series: str
    factor: float = 1.0
    shift: float = 0.0
    measures: str = ""


FIELDS: Final[dict[str, FitField]] = {
    "heart_rate": FitField("heart_rate"),
    "position_lat": FitField("latitude", SEMICIRCLE),
    "position_long": FitField("longitude", SEMICIRCLE),
    "altitude": FitField("altitude", 1 / 5, -500),
    "enhanced_altitude": FitField("altitude", 1 / 5, -500),
    "speed": FitField("", 1 / 1000, measures="speed"),
    "enhanced_speed": FitField("", 1 / 1000, measures="speed"),
    "power": FitField("", measures="power"),
    "cadence": FitField("", measures="cadence"),
    "temperature": FitField("air_temperature"),
    "grade": FitField("grade", 1 / 100),
    "vertical_oscillation": FitField("running_vertical_oscillation", 1 / 100),  # tenths of mm → cm
    "stance_time": FitField("running_ground_contact_time", 1 / 10),
    "step_length": FitField("running_stride_length", 1 / 100),  # tenths of mm → cm
    "vertical_ratio": FitField("running_vertical_ratio", 1 / 100),
    "stance_time_balance": FitField("running_stance_time_balance", 1 / 100),
    "left_right_balance": FitField("left_right_balance"),
    "depth": FitField("underwater_depth", 1 / 1000),
    "respiration_rate": FitField("respiratory_rate"),
    "enhanced_respiration_rate": FitField("respiratory_rate", 1 / 100),
    "core_temperature": FitField("body_temperature", 1 / 100),
}
#: of two fields with the same meaning the finer one counts where it is there
COARSER: Final = {
    "altitude": "enhanced_altitude",
    "speed": "enhanced_speed",
    "respiration_rate": "enhanced_respiration_rate",
}
RIGHT: Final = 0x80  # of left_right_balance: the share is the right side's
SHARE: Final = 0x7F
