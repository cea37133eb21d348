"""Examples in the API's description."""

from drf_spectacular.utils import OpenApiExample

ENDPOINT_ID = "ep_01KAV3M4Z8QF7G2N5T0RXCWB9E"
MESSAGE_ID = "msg_01KAV3PC6V4B8D1M7H9XTQZ2RS"
ENDPOINT = {
    "id": ENDPOINT_ID,
    "url": "https://yourapp.example.com/hooks/wearlink",
    "description": "Production webhook",
    "filter_types": ["workout.created", "sleep.created", "connection.created"],
    "user_id": None,
    "status": "active",
    "disabled_reason": None,
    "first_failure_at": None,
    "failing_since": None,
    "rate_limit": None,
    "headers": {"Authorization": "••••9f3c"},
    "metadata": {"team": "growth"},
    "created_at": "2026-04-23T10:00:00Z",
    "updated_at": "2026-04-23T10:00:00Z",
}
SIGNED_WITH = "whsec_d2VhcmxpbmstdGVzdC1zZWNyZXQtMDEyMzQ1Njc4OQ=="
MESSAGE = {
    "id": MESSAGE_ID,
    "event_type": "connection.created",
    "user_id": "550e8400-e29b-41d4-a716-446655440000",
    "created_at": "2026-04-23T10:00:00Z",
}
DATA = {
    "user_id": "550e8400-e29b-41d4-a716-446655440000",
    "provider": "garmin",
    "connection_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "connected_at": "2026-04-23T10:00:00Z",
}
ATTEMPT = {
    "id": "atmpt_01KAV3PD0G5W8M2C9N4RTZ7XQB",
    "message_id": MESSAGE_ID,
    "event_type": "connection.created",
    "number": 1,
    "trigger": "scheduled",
    "status": "failed",
    "error": "Answered 503; only 2xx is success.",
    "created_at": "2026-04-23T10:00:00.120Z",
    "duration_ms": 84,
    "next_attempt_at": "2026-04-23T10:00:05.204Z",
    "request": {
        "url": ENDPOINT["url"],
        "headers": {"webhook-id": MESSAGE_ID, "webhook-timestamp": "1776938400", "content-type": "application/json"},
        "body": None,
    },
    "response": {"status_code": 503, "body": None, "body_encoding": None},
}
EVENT_TYPE = {
    "name": "connection.created",
    "description": "An end user connected a provider.",
    "level": "session",
    "group": "connection",
    "sensitive": False,
}
EVENT_TYPE_SHAPE = {"schema": {"type": "object"}, "example": DATA}
WHOLE = {"total_count": 1, "has_more": False}
CURSOR = {"next_cursor": "eyJjIjpbNDFdfQ", "has_more": True}


def answer(name: str, value: object) -> OpenApiExample:
    """Return an example of an answer."""
    return OpenApiExample(name, value=value, response_only=True)


def asked(name: str, value: object) -> OpenApiExample:
    """Return an example of a body."""
    return OpenApiExample(name, value=value, request_only=True)
