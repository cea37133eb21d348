"""The built-in backend: its queue is the table of deliveries, its worker accounts.webhooks.delivery.dispatch."""

from datetime import datetime
from typing import Any, ClassVar, Final

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.webhooks.backends import history
from accounts.webhooks.catalogue import example_events
from accounts.webhooks.contract import AttemptPage, AttemptQuery, Destination, Statistics
from accounts.webhooks.models import Delivery, Endpoint, Message
from accounts.webhooks.wakeups import DELIVER

_AGAIN: Final = """
    UPDATE webhooks_delivery d SET state = 0, lease = NULL, locked_until = NULL, due_at = statement_timestamp(),
           attempts = CASE WHEN d.state = 0 THEN d.attempts ELSE 0 END,
           leases = CASE WHEN d.state = 0 THEN d.leases ELSE 0 END
    FROM webhooks_message m
    WHERE d.message_key = m.key AND d.endpoint_key = %(endpoint)s AND d.trigger = 0
      AND (d.state IN (2, 3) OR d.state = 0 AND d.attempts > 0 AND d.lease IS NULL)
      AND m.created_at >= %(since)s AND m.created_at < %(until)s
"""


class BuiltIn:
    """Delivery by our own workers."""

    name: ClassVar[str] = "built-in"

    def add(self, endpoint: Endpoint, secret: str) -> None:
        """The row and its secret are all there is."""

    def change(self, endpoint: Endpoint, *, state_too: bool) -> None:
        """The row is all there is."""

    def remove(self, endpoint: Endpoint) -> None:
        """The row is all there is."""

    def secret(self, endpoint: Endpoint) -> str:
        """Return the newest of the valid secrets."""
        return endpoint.secrets.all()[0].secret

    def rotate(self, endpoint: Endpoint, secret: str, grace_seconds: int) -> None:
        """The stored secrets are all there is."""

    def test(self, endpoint: Endpoint, event_type: str) -> str:
        """Return the example of the type, once."""
        return example_events.create(endpoint, event_type).id

    def attempts(self, endpoint: Endpoint, query: AttemptQuery) -> AttemptPage:
        return history.attempts(endpoint, query)

    def destinations(self, message: Message) -> list[Destination]:
        return history.destinations(message)

    def resend(self, endpoint: Endpoint, message: Message) -> None:
        """A delivery of one attempt."""
        Delivery.objects.create(
            message_key=message.key, endpoint_key=endpoint.key, trigger=Delivery.Trigger.MANUAL, due_at=Now()
        )
        DELIVER.request_work()

    def recover(self, endpoint: Endpoint, since: datetime, until: datetime) -> int:
        """Return what was given up or dropped, what waits for a retry, and what came while the endpoint was paused."""
        values: dict[str, Any] = {"endpoint": endpoint.key, "since": since, "until": until}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_AGAIN, values)
            count = int(cursor.rowcount)
            DELIVER.request_work()
        return count

    def retry(self, endpoint: Endpoint, message: Message | None = None) -> int:
        """Make what waits for its next attempt due now."""
        waiting = Delivery.objects.filter(
            endpoint_key=endpoint.key, state=Delivery.State.PENDING, lease__isnull=True, attempts__gt=0
        )
        if message is not None:
            waiting = waiting.filter(message_key=message.key)
        with transaction.atomic():
            count = waiting.update(due_at=Now())
            DELIVER.request_work()
        return count

    def statistics(self, endpoint: Endpoint, since: datetime, until: datetime) -> Statistics:
        return history.statistics(endpoint, since, until)
