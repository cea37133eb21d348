"""Descriptions of names that occur in many answers, so that each is described once and in the same words everywhere.

A field that says more, or something else, has a help_text of its own. What is described nowhere stops the generation
of the schema (TenantSchema).
"""

from collections.abc import Mapping
from typing import Final

FIELDS: Final[Mapping[str, str]] = {
    "attempts": "How often it was tried.",
    "body": "The bytes, as text where they are text.",
    "category": "The kind it belongs to.",
    "code": "A stable word for programs.",
    "count": "How many there are.",
    "created_at": "When it was made.",
    "data": "The items, in the order that the call describes.",
    "days": "One object a day, oldest first.",
    "description": "What it is, in words.",
    "detail": "A sentence for people.",
    "email": "E-mail address.",
    "end_date": "Last day, included.",
    "end_time": "When it ended.",
    "endpoint_id": "The webhook endpoint.",
    "event_type": "Name of the event type, as GET /webhooks/event-types lists it.",
    "expires_at": "Until when it is good.",
    "external_id": "Your own id of this user.",
    "failed": "How many failed.",
    "first_date": "Day of the first.",
    "first_name": "First name; null where it was not given.",
    "has_more": "Whether there are further pages.",
    "id": "Its id.",
    "is_reviewer": "Whether the person may review meals.",
    "is_superuser": "Whether the person runs the platform.",
    "last_date": "Day of the last.",
    "last_name": "Last name; null where it was not given.",
    "limit": "Items a page.",
    "limits": "What the plan allows.",
    "log_id": "The meal.",
    "message": "In words, for people.",
    "message_id": "The message.",
    "metadata": "Your own notes, as you gave them.",
    "name": "What people call it.",
    "next_attempt_at": "When it is tried again; null where nothing waits.",
    "organization": "The customer that everything belongs to.",
    "organization_id": "The organization it belongs to.",
    "page": "Number of the page, from 1.",
    "pagination": "The cursor of the next page.",
    "plan": "Code of the plan, as GET /billing/plans lists them.",
    "provider": "Slug of the provider, as GET /providers lists them.",
    "role": "What the person may do in the organization.",
    "series_type": "Code of the series, as GET /meta/series-types lists them.",
    "source": "The device and the app it comes from.",
    "start_date": "First day.",
    "start_time": "When it began.",
    "status": "Its state.",
    "time_zone": "IANA name of the zone whose days count.",
    "timestamp": "The moment, UTC.",
    "total_pages": "Pages of the whole query.",
    "type": "What kind it is.",
    "unit": "Unit of the value.",
    "updated_at": "When it was last changed.",
    "url": "The address.",
    "user_id": "The end user.",
    "value": "The figure, in the unit beside it.",
}
#: Ids that are UUIDs, whether or not their route says so; the others begin with what they are of, such as ep_.
UUIDS: Final = frozenset(
    {
        *("user_id", "batch_id", "export_id", "invitation_id", "invoice_id", "item_id", "job_id", "log_id"),
        *("member_id", "session_id", "source_id", "workout_id"),
    }
)
PATHS: Final[Mapping[str, str]] = {
    "batch_id": "Id of the upload.",
    "endpoint_id": "Id of the webhook endpoint.",
    "event_type": "Name of the event type, such as workout.created.",
    "invitation_id": "Id of the invitation.",
    "invoice_id": "Id of the invoice.",
    "job_id": "Id of the job.",
    "listener_id": "Id of the listener.",
    "token": "What the link ends with.",
    "key_id": "The whole key, or its beginning as it is listed.",
    "log_id": "Id of the meal.",
    "member_id": "Id of the developer.",
    "message_id": "Id of the message.",
    "provider": "Slug of the provider, as GET /providers lists them.",
    "user_id": "Id of the end user.",
}
