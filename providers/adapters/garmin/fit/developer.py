"""Fields that developers of apps and sensors add. Their files say what they mean: by the number of the field of the
profile that they mean, or by a name and a unit that is in use.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from providers.adapters.garmin.fit.fields import FIELDS, FitField
from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    import garmin_fit_sdk
    from garmin_fit_sdk import fit as protocol
else:
    garmin_fit_sdk, protocol = LazyModule("garmin_fit_sdk"), LazyModule("garmin_fit_sdk.fit")

RECORD: Final = 20
PREFIX: Final = "developer:"  # columns of fields whose numbers are in their units already
#: (name, unit), both in lower case → what it measures
NAMED: Final[dict[tuple[str, str], FitField]] = {
    **dict.fromkeys((("power", "watts"), ("power", "w"), ("rp_power", "watts")), FitField("", measures="power")),
    **dict.fromkeys((("heart rate", "bpm"), ("heart_rate", "bpm"), ("hr", "bpm")), FitField("heart_rate")),
    **dict.fromkeys((("ground time", "milliseconds"), ("ground time", "ms")), FitField("running_ground_contact_time")),
    **dict.fromkeys(
        (("vertical oscillation", "centimeters"), ("vertical oscillation", "cm")),
        FitField("running_vertical_oscillation"),
    ),
    **dict.fromkeys(
        (("core_temperature", "°c"), ("core_temperature", "c"), ("core temperature", "c")), FitField("body_temperature")
    ),
    **dict.fromkeys((("skin_temperature", "°c"), ("skin_temperature", "c")), FitField("skin_temperature")),
}
SERIES: Final = tuple(field.series for field in NAMED.values() if field.series)


class DeveloperField(msgspec.Struct, frozen=True):
    """A developer's field and the column of its readings; a column that no table knows is counted."""

    column: str
    meaning: FitField | None
    invalid: Any

    def is_reading(self, value: Any) -> bool:
        """Return whether a value is a number and not the type's word for none."""
        return isinstance(value, int | float) and value == value and value != self.invalid


def described(message: Mapping[str, Any]) -> DeveloperField:
    """Return a field from its description."""
    name, unit = _text(message, "field_name"), _text(message, "units")
    base = message.get("fit_base_type_id")
    definition = protocol.BASE_TYPE_DEFINITIONS.get((base if type(base) is int else 0x02) & protocol.BASE_TYPE_MASK, {})
    scale, offset = message.get("scale"), message.get("offset")
    meaning = _native(message) or NAMED.get((name.lower(), unit.lower()))
    if meaning is not None:
        factor = 1 / scale if type(scale) is int and scale else 1.0
        shift = -float(offset) if type(offset) is int else 0.0
        meaning = msgspec.structs.replace(meaning, factor=factor, shift=shift)
    return DeveloperField(f"{PREFIX}{name}"[:64], meaning, definition.get("invalid"))


def _native(message: Mapping[str, Any]) -> FitField | None:
    """Return the field of a record that it means; its numbers are in that field's unit, without its scale."""
    if message.get("native_mesg_num") not in (RECORD, None):
        return None
    native = garmin_fit_sdk.Profile["messages"][RECORD]["fields"].get(message.get("native_field_num"))
    field = None if native is None else FIELDS.get(native["name"])
    return None if field is None or native["name"] in LENGTHS else field


LENGTHS: Final = frozenset({"vertical_oscillation", "step_length", "position_lat", "position_long"})  # mm or cm, unsure


def _text(message: Mapping[str, Any], name: str) -> str:
    value = message.get(name)
    return value.strip()[:48] if isinstance(value, str) else ""
