"""The fields WHOOP documents, per collection: any other is new and is counted."""

from typing import Final

_SCORED: Final = frozenset({"user_id", "created_at", "updated_at", "score_state", "score"})
_TIMED: Final = _SCORED | {"id", "start", "end", "timezone_offset"}

KNOWN: Final[dict[str, frozenset[str]]] = {
    "sleep": _TIMED | {"cycle_id", "nap", "v1_id"},
    "workout": _TIMED | {"sport_name", "sport_id", "v1_id"},
    "cycle": _TIMED,
    "recovery": _SCORED | {"cycle_id", "sleep_id"},
    "body_measurement": frozenset({"height_meter", "weight_kilogram", "max_heart_rate"}),
}
