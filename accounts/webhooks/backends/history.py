"""The built-in backend's records: attempts, where messages went, and how it ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from accounts.webhooks import events
from accounts.webhooks.contract import Attempted, AttemptPage, AttemptQuery, Destination, Statistics
from accounts.webhooks.models import SERVICE, Attempt, Delivery, Endpoint, Message

_State = Delivery.State
STATUS: Final = {
    _State.PENDING: "pending",
    _State.DELIVERED: "delivered",
    _State.FAILED: "failed",
    _State.DROPPED: "dropped",
}


def attempts(endpoint: Endpoint, query: AttemptQuery) -> AttemptPage:
    """Newest first, in two queries."""
    rows = list(_filtered(endpoint, query).order_by("-key")[: query.limit + 1])
    shown = rows[: query.limit]
    of_them = Message.objects.all() if query.with_content else Message.objects.defer("body", "deferred_body")
    found_messages = of_them.in_bulk({row.message_key for row in shown})
    content = query.with_content
    found = [_attempted(row, found_messages.get(row.message_key), with_content=content) for row in shown]
    return AttemptPage(found, [shown[-1].key] if len(rows) > query.limit else None)


def _filtered(endpoint: Endpoint, query: AttemptQuery) -> "QuerySet[Attempt]":
    rows = Attempt.objects.filter(endpoint_key=endpoint.key)
    if query.after:
        rows = rows.filter(key__lt=query.after[0])
    if query.succeeded is not None:
        rows = rows.filter(succeeded=query.succeeded)
    if query.since:
        rows = rows.filter(created_at__gte=query.since)
    if query.until:
        rows = rows.filter(created_at__lt=query.until)
    if query.event_types:
        of_type = Message.objects.filter(organization_id=endpoint.organization_id, type__in=query.event_types)
        rows = rows.filter(message_key__in=of_type.values("key"))
    return rows if query.with_content else rows.defer("response")


def _attempted(row: Attempt, message: Message | None, *, with_content: bool) -> Attempted:
    return Attempted(
        id=row.id,
        message_id=message.id if message else "",
        event_type=message.type if message else None,
        url=row.url,
        succeeded=row.succeeded,
        status_code=row.status_code,
        error=row.error,
        duration_ms=row.duration_ms,
        manual=row.trigger == Delivery.Trigger.MANUAL,
        created_at=row.created_at,
        number=row.number,
        next_at=row.next_at,
        body=events.body_of(message) if with_content and message else None,
        response=bytes(row.response) if with_content else None,
    )


def destinations(message: Message) -> list[Destination]:
    """One an endpoint: how its last delivery stands."""
    rows = Delivery.objects.filter(message_key=message.key).exclude(endpoint_key=SERVICE).order_by("key")
    latest = {row.endpoint_key: row for row in rows}
    names = dict(Endpoint.objects.filter(pk__in=latest).values_list("key", "id"))
    return [_destination(names[key], row) for key, row in latest.items() if key in names]


def _destination(endpoint_id: str, row: Delivery) -> Destination:
    waiting = row.state == _State.PENDING
    return Destination(endpoint_id, STATUS[_State(row.state)], row.attempts, row.due_at if waiting else None)


def statistics(endpoint: Endpoint, since: datetime, until: datetime) -> Statistics:
    """By the deliveries that were begun in [since, until)."""
    rows = Delivery.objects.filter(endpoint_key=endpoint.key, created_at__gte=since, created_at__lt=until)
    counts = rows.aggregate(
        delivered=Count("pk", filter=Q(state=_State.DELIVERED)),
        pending=Count("pk", filter=Q(state=_State.PENDING)),
        failed=Count("pk", filter=Q(state__in=[_State.FAILED, _State.DROPPED])),
    )
    return Statistics(**counts)


def messages(
    organization_id: Any,
    *,
    types: Sequence[str] = (),
    user_id: Any = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> "QuerySet[Message]":
    """The messages of an organization, newest first, without their content."""
    rows = Message.objects.filter(organization_id=organization_id).defer("body", "deferred_body").order_by("-key")
    if types:
        rows = rows.filter(type__in=types)
    if user_id:
        rows = rows.filter(user_id=user_id)
    if since:
        rows = rows.filter(created_at__gte=since)
    return rows.filter(created_at__lt=until) if until else rows
