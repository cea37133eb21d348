"""Asking for the past: what can be asked for, where, and what an answer means."""

from typing import Final

from providers.contract import BadAnswer, HistoryAnswer, HistoryKind, HistoryType, VendorClient

SCOPE: Final = "HISTORICAL_DATA_EXPORT"
ACTIVITY, HEALTH, CYCLE = "ACTIVITY_EXPORT", "HEALTH_EXPORT", "MCT_EXPORT"
TYPES: Final = (
    HistoryType(
        "workouts",
        (
            HistoryKind("activities", ACTIVITY),
            HistoryKind("activityDetails", ACTIVITY),
            HistoryKind("moveIQActivities", ACTIVITY, is_rare=True),
        ),
    ),
    HistoryType(
        "sleep",
        (
            HistoryKind("sleeps", HEALTH, is_daily=True),
            HistoryKind("hrv", HEALTH, is_daily=True),
            HistoryKind("pulseox", HEALTH),
            HistoryKind("allDayRespiration", HEALTH, is_daily=True),
            HistoryKind("skinTemp", HEALTH, is_daily=True, is_rare=True),
        ),
    ),
    HistoryType(
        "body",
        (
            HistoryKind("bodyComps", HEALTH),
            HistoryKind("userMetrics", HEALTH),
            HistoryKind("bloodPressures", HEALTH, is_rare=True),
            HistoryKind("healthSnapshot", HEALTH, is_rare=True),
            HistoryKind("mct", CYCLE, is_rare=True),
        ),
    ),
    HistoryType(
        "daily",
        (
            HistoryKind("dailies", HEALTH, is_daily=True),
            HistoryKind("epochs", HEALTH, is_daily=True),
            HistoryKind("stressDetails", HEALTH, is_daily=True),
        ),
    ),
)
#: paths that differ from the keys of webhooks
PATHS: Final = {"pulseox": "pulseOx", "allDayRespiration": "respiration", "moveIQActivities": "moveiq"}
CONFLICT, BAD_REQUEST = 409, 400
TOO_OLD: Final = b"minimum start time"


def request(client: VendorClient, kind: HistoryKind, start: int, end: int) -> HistoryAnswer:
    """Ask for summaries that began in [start, end), in ms; they come by webhooks. Raises VendorError."""
    params = {"summaryStartTimeInSeconds": start // 1000, "summaryEndTimeInSeconds": end // 1000}
    try:
        client.request("GET", f"/backfill/{PATHS.get(kind.kind, kind.kind)}", params=params)
    except BadAnswer as error:
        if error.status == CONFLICT:
            return HistoryAnswer.ALREADY_ASKED
        if error.status == BAD_REQUEST and TOO_OLD in error.body.lower():
            return HistoryAnswer.OUT_OF_REACH
        if error.status == BAD_REQUEST and b"not enabled" in error.body.lower():
            raise NotEnabled("This kind of summary is not enabled on Garmin's page Endpoint Configuration.") from error
        raise
    return HistoryAnswer.COMING


class NotEnabled(BadAnswer):
    """A matter of the portal: the app does not receive this kind of summary at all."""

    code = "not_enabled"
