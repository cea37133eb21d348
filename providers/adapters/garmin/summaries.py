"""The kinds of Garmin's summaries by the keys of its webhooks, and those of which history can be asked for."""

from typing import Final

from providers.adapters.garmin.normalise import READINGS

FILES: Final = "activityFiles"
DETAILS: Final = "activityDetails"
DEREGISTRATIONS: Final = "deregistrations"
PERMISSIONS: Final = "userPermissionsChange"
KINDS: Final = frozenset({*READINGS, FILES})
#: other names of keys, of which nobody is sure
ALIASES: Final = {
    "pulseOx": "pulseox",
    "respiration": "allDayRespiration",
    "moveiq": "moveIQActivities",
    "menstrualCycleTracking": "mct",
    "userPermissions": PERMISSIONS,
}


def kind_of(key: str) -> str:
    """Return the one name of a webhook's key."""
    return ALIASES.get(key, key)
