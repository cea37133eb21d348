"""Examples of backfills in the schema."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

BACKFILL_ID: Final = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
AT: Final = "2026-04-23T10:00:00Z"


def _window(state: str, **more: Any) -> dict[str, Any]:
    return {
        "start_date": "2026-03-25",
        "end_date": "2026-04-23",
        "state": state,
        "requested_at": AT,
        "last_received_at": "2026-04-23T10:02:10Z",
        "finished_at": "2026-04-23T10:07:20Z",
        "documents": 6,
        "missing_days": [],
        "reason": None,
        "error": None,
        **more,
    }


def _type(name: str, summary: str, window: dict[str, Any]) -> dict[str, Any]:
    summaries = [{"summary": summary, "state": window["state"], "windows": [window]}]
    return {"type_name": name, "state": window["state"], "summaries": summaries}


def _backfill(status: str, types: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": BACKFILL_ID,
        "status": status,
        "created_at": AT,
        "started_at": AT,
        "finished_at": None,
        "error": None,
        "provider": "garmin",
        "user_id": "550e8400-e29b-41d4-a716-446655440000",
        "start_date": "2026-03-25",
        "end_date": "2026-04-23",
        "types": types,
        "missing": [],
        **more,
    }


_FRESH: Final = {"requested_at": None, "last_received_at": None, "finished_at": None, "documents": 0}
_GAP: Final = {
    "type_name": "sleep",
    "summary": "sleeps",
    "state": "done",
    "reason": None,
    "start_date": "2026-03-25",
    "end_date": "2026-04-23",
    "days": ["2026-04-02"],
}
_SLEEP: Final = _type("sleep", "sleeps", _window("done", missing_days=["2026-04-02"]))
STATUS: Final = OpenApiExample(
    "Under way",
    response_only=True,
    value=_backfill(
        "running",
        [
            _SLEEP,
            _type("daily", "dailies", _window("receiving", finished_at=None)),
            _type("body", "bodyComps", _window("pending", **_FRESH)),
        ],
        missing=[_GAP],
    ),
)
CANCELLED: Final = OpenApiExample(
    "Cancelled",
    response_only=True,
    value=_backfill(
        "failed",
        [_type("daily", "dailies", _window("cancelled", reason="cancelled"))],
        finished_at="2026-04-23T10:07:20Z",
        error="Ended before its time: cancelled.",
    ),
)
RETRIED: Final = OpenApiExample(
    "Asked for again",
    response_only=True,
    status_codes=["202"],
    value=_backfill("running", [_type("sleep", "sleeps", _window("pending", **_FRESH))]),
)
