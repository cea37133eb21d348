"""The JSON of the API, made of rows and dataclasses."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from accounts.webhooks.contract import Attempted, Destination, Statistics
from accounts.webhooks.event_types import EventType
from accounts.webhooks.models import Message
from wearlink.lib import clock

Json = dict[str, Any]


def event_type(one: EventType) -> Json:
    """Return the fields of EventTypeSerializer."""
    return {
        "name": one.name,
        "description": one.description,
        "level": one.level.value,
        "group": one.group,
        "sensitive": one.sensitive,
    }


def whole_event_type(one: EventType) -> Json:
    """Return the fields of EventTypeDetailSerializer."""
    return {**event_type(one), "schema": one.schema, "example": one.example}


def by_cursor(data: Sequence[Any], next_cursor: str | None) -> Json:
    """Return a page of a list."""
    return {"data": data, "pagination": {"next_cursor": next_cursor, "has_more": next_cursor is not None}}


def message(row: Message) -> Json:
    """Return the fields of WebhookMessageSerializer."""
    return {
        "id": row.id,
        "event_type": row.type,
        "user_id": row.user_id,
        "created_at": row.created_at,
    }


def whole_message(row: Message, body: bytes, destinations: Sequence[Destination]) -> Json:
    """Return the fields of WebhookMessageDetailSerializer."""
    return {**message(row), "payload": orjson.loads(body), "destinations": [destination(one) for one in destinations]}


def by_day(found: Statistics) -> list[Json] | None:
    """Return the fields of each EndpointDayCountsSerializer."""
    if found.by_day is None:
        return None
    return [
        {
            "date": one.day,
            "event_type": one.event_type,
            "delivered": one.delivered,
            "pending": one.pending,
            "failed": one.failed,
        }
        for one in found.by_day
    ]


def destination(one: Destination) -> Json:
    """Return the fields of MessageDestinationSerializer."""
    return {
        "endpoint_id": one.endpoint_id,
        "status": one.status,
        "attempts": one.attempts,
        "next_attempt_at": one.next_at,
    }


def attempt(one: Attempted) -> Json:
    """Return the fields of DeliveryAttemptSerializer."""
    text, encoding = _text(one.response)
    return {
        "id": one.id,
        "message_id": one.message_id,
        "event_type": one.event_type,
        "number": one.number,
        "trigger": "manual" if one.manual else "scheduled",
        "status": "succeeded" if one.succeeded else "failed",
        "error": one.error or None,
        "created_at": one.created_at,
        "duration_ms": one.duration_ms,
        "next_attempt_at": one.next_at,
        "request": {
            "url": one.url,
            "headers": _headers(one.sent_id or one.message_id, one.created_at),
            "body": None if one.body is None else one.body.decode(),
        },
        "response": {"status_code": one.status_code, "body": text, "body_encoding": encoding},
    }


def _headers(message_id: str, moment: datetime) -> dict[str, str]:
    """Return those that tell something; a signature would only help somebody to send it again."""
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(clock.to_ms(moment) // 1000),
    }


def _text(body: bytes | None) -> tuple[str | None, str | None]:
    if body is None:
        return None, None
    try:
        return body.decode(), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"
