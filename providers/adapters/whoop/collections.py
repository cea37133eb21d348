"""Where WHOOP keeps its collections, and which scope each needs."""

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
    """A recovery has no id: it is named by its sleep's, which must not delete the sleep with it."""
    return f"{RECOVERY_PREFIX}{sleep_id}"
