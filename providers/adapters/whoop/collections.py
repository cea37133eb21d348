"""The addresses of WHOOP's collections, and the scope that each needs."""

from typing import Final

PATHS: Final = {
    "sleep": "/v2/activity/sleep",
    "cycle": "/v2/cycle",
    "recovery": "/v2/recovery",
    "workout": "/v2/activity/workout",
}
BODY: Final = "body_measurement"
BODY_PATH: Final = "/v2/user/measurement/body"
PROFILE_PATH: Final = "/v2/user/profile/basic"
ACCESS_PATH: Final = "/v2/user/access"
SCOPES: Final = {
    "sleep": "read:sleep",
    "cycle": "read:cycles",
    "recovery": "read:recovery",
    "workout": "read:workout",
    BODY: "read:body_measurement",
}
PAGE: Final = 25  # the most records a page may have
PENDING: Final = "PENDING_SCORE"
RECOVERY_PREFIX: Final = "recovery-"


def recovery_id(sleep_id: str) -> str:
    """Return the id of a recovery: its sleep's with a prefix, so that deleting it does not delete the sleep."""
    return f"{RECOVERY_PREFIX}{sleep_id}"
