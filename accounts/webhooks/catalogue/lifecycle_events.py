"""The event types that are not about health data: what happens to connections, syncs, imports, meals, endpoints."""

from collections.abc import Mapping
from typing import Any

from accounts.webhooks import event_types
from accounts.webhooks.catalogue.schemas import MOMENT, TEXT, UUID, WHOLE, Schema, nullable, of_object
from accounts.webhooks.event_types import EventType, Level

USER = "550e8400-e29b-41d4-a716-446655440000"
OTHER = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
AT = "2026-04-23T10:00:00Z"
ENDPOINT_ID = "ep_01KAV3M4Z8QF7G2N5T0RXCWB9E"
ENDPOINT_URL = "https://yourapp.example.com/hooks/wearlink"
CONNECTION: Mapping[str, Schema] = {"user_id": UUID, "provider": TEXT, "connection_id": UUID}
SYNC: Mapping[str, Schema] = {
    "user_id": UUID,
    "provider": TEXT,
    "source": {"type": "string", "enum": ["live", "historical", "backfill", "sdk", "xml"]},
    "run_id": UUID,
    "message": nullable(TEXT),
    "metadata": {"type": "object"},
}
IMPORT: Mapping[str, Schema] = {"user_id": UUID, "provider": TEXT, "job_id": UUID}

_CONNECTION_EXAMPLE = {"user_id": USER, "provider": "garmin", "connection_id": OTHER}
_SYNC_EXAMPLE: Mapping[str, Any] = {
    "user_id": USER,
    "provider": "garmin",
    "source": "live",
    "run_id": OTHER,
    "message": None,
    "metadata": {},
}
_IMPORT_EXAMPLE = {"user_id": USER, "provider": "apple", "job_id": OTHER}


def _type(
    name: str, description: str, properties: Mapping[str, Schema], example: Mapping[str, Any], group: str = ""
) -> EventType:
    return EventType(
        name=name,
        description=description,
        level=Level.SESSION,
        group=group or name.partition(".")[0],
        schema=of_object(properties),
        example=example,
    )


USERS = [
    _type(
        "user.deleted",
        "An end user was deleted with all data, by a call to the API.",
        {"user_id": UUID, "deleted_at": MOMENT},
        {"user_id": USER, "deleted_at": AT},
    ),
]
CONNECTIONS = [
    _type(
        "connection.created",
        "An end user connected a provider.",
        {**CONNECTION, "connected_at": MOMENT},
        {**_CONNECTION_EXAMPLE, "connected_at": AT},
    ),
    _type(
        "connection.expired",
        "A provider no longer accepts our access; the end user must connect again.",
        {**CONNECTION, "reason": TEXT, "expired_at": MOMENT},
        {**_CONNECTION_EXAMPLE, "reason": "refresh_failed", "expired_at": AT},
    ),
    _type(
        "connection.revoked",
        "A connection was ended by the end user, the provider or a call to the API.",
        {**CONNECTION, "reason": TEXT, "revoked_at": MOMENT},
        {**_CONNECTION_EXAMPLE, "reason": "user_disconnected", "revoked_at": AT},
    ),
]
SYNCS = [
    _type("sync.started", "A sync with a provider began.", SYNC, _SYNC_EXAMPLE),
    _type(
        "sync.completed",
        "A sync with a provider came to its end.",
        {**SYNC, "status": TEXT, "items_processed": WHOLE},
        {**_SYNC_EXAMPLE, "status": "done", "items_processed": 412},
    ),
    _type(
        "sync.failed",
        "A sync with a provider failed.",
        {**SYNC, "error": TEXT},
        {**_SYNC_EXAMPLE, "error": "The provider did not answer."},
    ),
]
IMPORTS = [
    _type(
        "import.completed",
        "An uploaded archive was imported.",
        {**IMPORT, "inserted": WHOLE, "updated": WHOLE, "unchanged": WHOLE, "rejected": WHOLE},
        {**_IMPORT_EXAMPLE, "inserted": 1200000, "updated": 0, "unchanged": 310, "rejected": 4},
    ),
    _type(
        "import.failed",
        "An uploaded archive could not be imported.",
        {**IMPORT, "error": TEXT},
        {**_IMPORT_EXAMPLE, "error": "The archive holds no export.xml."},
    ),
]
EXPORTS = [
    _type(
        "export.ready",
        "An export of a user's data can be downloaded.",
        {"export_id": UUID, "user_id": UUID, "size_bytes": WHOLE, "expires_at": MOMENT},
        {"export_id": OTHER, "user_id": USER, "size_bytes": 734003, "expires_at": "2026-04-24T10:00:00Z"},
    ),
]
ENDPOINTS = [
    _type(
        "endpoint.disabled",
        "A webhook endpoint was disabled because deliveries to it kept failing. Sent to your other endpoints.",
        {"endpoint_id": TEXT, "url": TEXT, "reason": TEXT, "first_failure_at": nullable(MOMENT), "disabled_at": MOMENT},
        {
            "endpoint_id": ENDPOINT_ID,
            "url": ENDPOINT_URL,
            "reason": "Deliveries failed for more than 120 hours.",
            "first_failure_at": "2026-04-18T09:00:00Z",
            "disabled_at": AT,
        },
    ),
]
ENDPOINT_STATES = [
    _type(
        "endpoint.failing",
        "Deliveries to a webhook endpoint keep failing: a message was tried four times. Sent to your other endpoints.",
        {"endpoint_id": TEXT, "url": TEXT, "failing_at": MOMENT},
        {"endpoint_id": ENDPOINT_ID, "url": ENDPOINT_URL, "failing_at": AT},
    ),
    _type(
        "endpoint.recovered",
        "A webhook endpoint that was failing answers again. Sent to your other endpoints.",
        {"endpoint_id": TEXT, "url": TEXT, "recovered_at": MOMENT, "failing_since": nullable(MOMENT)},
        {"endpoint_id": ENDPOINT_ID, "url": ENDPOINT_URL, "recovered_at": AT, "failing_since": "2026-04-23T09:00:00Z"},
    ),
    _type(
        "message.exhausted",
        "A message was given up for an endpoint after its last attempt. Sent to your other endpoints.",
        {
            "message_id": TEXT,
            "event_type": TEXT,
            "endpoint_id": TEXT,
            "url": TEXT,
            "attempts": WHOLE,
            "error": TEXT,
        },
        {
            "message_id": "msg_01KAV3PC6V4B8D1M7H9XTQZ2RS",
            "event_type": "workout.created",
            "endpoint_id": ENDPOINT_ID,
            "url": ENDPOINT_URL,
            "attempts": 8,
            "error": "Answered 503; only 2xx is success.",
        },
    ),
]

event_types.register([*USERS, *CONNECTIONS, *SYNCS, *IMPORTS, *EXPORTS, *ENDPOINTS, *ENDPOINT_STATES])
