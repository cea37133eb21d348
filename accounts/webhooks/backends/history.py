"""The built-in backend's records: attempts, where messages went, and how it ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from accounts.webhooks import events
from accounts.webhooks.contract import Attempted, AttemptPage, AttemptQuery, DayCounts, Destination, Statistics
from accounts.webhooks.models import SERVICE, Attempt, Delivery, Endpoint, Message

_State = Delivery.State
STATUS: Final = {
    _State.PENDING: "pending",
    _State.DELIVERED: "delivered",
    _State.FAILED: "failed",
    _State.DROPPED: "dropped",
}


def attempts(endpoint: Endpoint, query: AttemptQuery) -> AttemptPage:
    """Return them newest first, in two queries."""
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
    """Return one an endpoint: the state of its scheduled delivery, or its last one where only resends went there."""
    rows = Delivery.objects.filter(message_key=message.key).exclude(endpoint_key=SERVICE)
    latest = {row.endpoint_key: row for row in rows.order_by("-trigger", "key")}  # the scheduled one comes last
    names = dict(Endpoint.objects.filter(pk__in=latest).values_list("key", "id"))
    return [_destination(names[key], row) for key, row in sorted(latest.items()) if key in names]


def _destination(endpoint_id: str, row: Delivery) -> Destination:
    waiting = row.state == _State.PENDING
    return Destination(endpoint_id, STATUS[_State(row.state)], row.attempts, row.due_at if waiting else None)


_BY_DAY: Final = """
    SELECT (d.created_at AT TIME ZONE 'UTC')::date AS day, m.type, m.test,
           count(*) FILTER (WHERE d.state = 1), count(*) FILTER (WHERE d.state = 0),
           count(*) FILTER (WHERE d.state IN (2, 3))
    FROM webhooks_delivery d JOIN webhooks_message m ON m.key = d.message_key
    WHERE d.endpoint_key = %s AND d.created_at >= %s AND d.created_at < %s AND (d.trigger = 0 OR m.test)
    GROUP BY 1, 2, 3 ORDER BY 1, 2
"""


def statistics(endpoint: Endpoint, since: datetime, until: datetime) -> Statistics:
    """Count the deliveries begun in [since, until): each message once, however often it was tried or resent."""
    by_day, tests = list[DayCounts](), 0
    with connection.cursor() as cursor:  # deliveries refer to messages by key alone, which the ORM cannot join
        cursor.execute(_BY_DAY, [endpoint.key, since, until])
        for day, event_type, test, delivered, pending, failed in cursor.fetchall():
            if test:
                tests += delivered + pending + failed
            else:
                by_day.append(DayCounts(day, event_type, delivered, pending, failed))
    return Statistics(
        delivered=sum(one.delivered for one in by_day),
        pending=sum(one.pending for one in by_day),
        failed=sum(one.failed for one in by_day),
        tests=tests,
        by_day=by_day,
    )


def messages(
    organization_id: Any,
    *,
    types: Sequence[str] = (),
    user_id: Any = None,
    since: datetime | None = None,
    until: datetime | None = None,
    endpoint: Endpoint | None = None,
    status: str | None = None,
) -> "QuerySet[Message]":
    """Return the messages of an organization, newest first, without their content.

    status: their state on their way to that endpoint, or to any.
    """
    rows = Message.objects.filter(organization_id=organization_id).defer("body", "deferred_body").order_by("-key")
    if types:
        rows = rows.filter(type__in=types)
    if endpoint or status:
        rows = rows.filter(key__in=_deliveries_of(organization_id, endpoint, status).values("message_key"))
    if user_id:
        rows = rows.filter(user_id=user_id)
    if since:
        rows = rows.filter(created_at__gte=since)
    return rows.filter(created_at__lt=until) if until else rows


def _deliveries_of(organization_id: Any, endpoint: Endpoint | None, status: str | None) -> "QuerySet[Delivery]":
    if endpoint is not None:
        rows = Delivery.objects.filter(endpoint_key=endpoint.key)
    else:
        of_organization = Endpoint.objects.filter(organization_id=organization_id)
        rows = Delivery.objects.filter(endpoint_key__in=of_organization.values("key"))
    if status is None:
        return rows
    states = [state for state, name in STATUS.items() if name == status]
    return rows.filter(state__in=states, trigger=Delivery.Trigger.SCHEDULED)
