"""Examples of vendor clouds for the OpenAPI schema."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

USER: Final = "550e8400-e29b-41d4-a716-446655440000"
RUN_ID: Final = "0b9d2c52-5c1e-4f0f-9a52-3a1f3f4b7c11"
COVERAGE: Final = {"series": ["heart_rate", "steps"], "workout_types": ["running"], "sleep": True, "scores": ["sleep"]}


def answer(name: str, value: Any, status: str = "200") -> OpenApiExample:
    """Return an example of an answer."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


PROVIDERS: Final = answer(
    "Providers",
    {
        "data": [
            {
                "slug": "oura",
                "name": "Oura",
                "kind": "cloud",
                "auth": "oauth2",
                "is_configured": True,
                "scopes": ["personal", "daily", "heartrate"],
                "history_days": None,
                "supports": ["pull", "push", "deletes"],
                "coverage": COVERAGE,
                "notes": "",
            }
        ],
        "pagination": {"total_count": 1, "has_more": False},
    },
)
TABLE: Final = answer(
    "Coverage",
    {
        "providers": [{"slug": "oura", "name": "Oura", **COVERAGE}],
        "series": [{"code": "heart_rate", "providers": ["apple", "oura"]}],
    },
)
ENTER: Final = OpenApiExample(
    "Credentials", request_only=True, value={"client_id": "ABCDEF123", "client_secret": "a secret of the vendor's"}
)
APP: Final = answer(
    "Masked",
    {
        "provider": "oura",
        "client_id": "ABCDEF123",
        "client_secret": "…or's",
        "scopes": [],
        "webhook_verification_token": "…9f3c",
        "callback_url": "https://api.example.com/v1/providers/oura/callback",
        "webhook_url": "https://api.example.com/v1/webhooks/oura/7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "created_at": "2026-04-23T10:00:00Z",
        "updated_at": "2026-04-23T10:00:00Z",
    },
)
AUTHORIZATION: Final = answer(
    "AuthorizationUrl",
    {
        "authorization_url": "https://wearlink.example.com/connect/go/3q2-7w…",
        "state_expires_at": "2026-04-23T10:10:00Z",
    },
)
LINK: Final = answer(
    "Link", {"url": "https://api.example.com/connect/eyJhbGciOi…", "expires_at": "2026-04-23T10:15:00Z"}, "201"
)
RETURN: Final = OpenApiExample(
    "Return to the app", request_only=True, value={"redirect_uri": "https://app.example.com/connected"}
)
CONNECTIONS: Final = answer(
    "Connections",
    {  # the generator puts it into a list
        "id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "provider": "strava",
        "status": "active",
        "reason": None,
        "connected_at": "2026-04-23T10:00:00Z",
        "last_sync_at": "2026-04-24T03:10:00Z",
        "last_event_at": None,
        "scopes": ["read", "activity:read_all"],
    },
)
DIAGNOSIS: Final = answer(
    "A quiet connection",
    {
        "status": "warning",
        "checks": [
            {
                "name": "token",
                "status": "ok",
                "code": "token_fresh",
                "message": "The access token is 12 minutes old and valid.",
                "next_step": None,
            },
            {
                "name": "last_event",
                "status": "warning",
                "code": "quiet",
                "message": "The last event came 4 days ago.",
                "next_step": "Ask whether the device was worn and synced with its app.",
            },
        ],
        "checked_at": "2026-04-23T10:00:00Z",
    },
)
ORDERED: Final = answer(
    "Queued",
    {
        "id": RUN_ID,
        "run_id": RUN_ID,
        "status": "queued",
        "provider": "oura",
        "user_id": USER,
        "start_date": "2026-04-20",
        "end_date": "2026-04-23",
    },
    "202",
)
RUNS: Final = answer(
    "Runs",
    {
        "data": [
            {
                "id": RUN_ID,
                "provider": "oura",
                "trigger": "manual",
                "status": "done_with_errors",
                "start_date": "2026-04-20",
                "end_date": "2026-04-23",
                "fetched_from": "2026-04-20",
                "created_at": "2026-04-23T10:00:00Z",
                "started_at": "2026-04-23T10:00:01Z",
                "finished_at": "2026-04-23T10:00:09Z",
                "payloads": 17,
                "inserted": 402,
                "updated": 3,
                "unchanged": 96,
                "rejected": {},
                "problems": [{"kind": "daily_spo2", "code": "not_granted", "detail": "Oura does not allow this call."}],
                "error": None,
                "error_code": None,
            }
        ],
        "pagination": {"page": 1, "limit": 20, "total_count": 1, "total_pages": 1, "has_more": False},
    },
)
