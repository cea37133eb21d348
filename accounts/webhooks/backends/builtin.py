"""The built-in backend: its queue is the table of deliveries, its worker accounts.webhooks.delivery.dispatch."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now

from accounts.webhooks.backends import history
from accounts.webhooks.catalogue import example_events
from accounts.webhooks.contract import AttemptPage, AttemptQuery, Destination, Statistics
from accounts.webhooks.models import Delivery, Endpoint, Message
from accounts.webhooks.wakeups import DELIVER


class BuiltIn:
    """Delivery by our own workers."""

    name: ClassVar[str] = "built-in"

    def add(self, endpoint: Endpoint, secret: str) -> None:
        """Do nothing: the row and its secret are all there is."""

    def change(self, endpoint: Endpoint, *, state_too: bool) -> None:
        """Do nothing: the row is all there is."""

    def remove(self, endpoint: Endpoint) -> None:
        """Do nothing: the row is all there is."""

    def secret(self, endpoint: Endpoint) -> str:
        """Return the newest of the valid secrets."""
        return endpoint.secrets.all()[0].secret

    def rotate(self, endpoint: Endpoint, secret: str, grace_seconds: int) -> None:
        """Do nothing: the stored secrets are all there is."""

    def test(self, endpoint: Endpoint, event_type: str) -> str:
        """Return the example of the type, once."""
        return example_events.create(endpoint, event_type).id

    def attempts(self, endpoint: Endpoint, query: AttemptQuery) -> AttemptPage:
        return history.attempts(endpoint, query)

    def destinations(self, message: Message) -> list[Destination]:
        return history.destinations(message)

    def resend(self, endpoint: Endpoint, message: Message) -> None:
        """Add a delivery of one attempt."""
        Delivery.objects.create(
            message_key=message.key, endpoint_key=endpoint.key, trigger=Delivery.Trigger.MANUAL, due_at=Now()
        )
        DELIVER.request_work()

    def recover(self, endpoint: Endpoint, since: datetime, until: datetime) -> int:
        """Return what was given up or dropped, what waits for a retry, and what came while the endpoint was paused."""
        messages = Message.objects.filter(created_at__gte=since, created_at__lt=until)
        rows = Delivery.objects.filter(endpoint_key=endpoint.key, trigger=Delivery.Trigger.SCHEDULED)
        ended = Q(state__in=(Delivery.State.FAILED, Delivery.State.DROPPED))
        waits_for_a_retry = Q(state=Delivery.State.PENDING, attempts__gt=0, lease__isnull=True)
        with transaction.atomic():
            count = rows.filter(ended | waits_for_a_retry, message_key__in=messages.values("key")).update(
                attempts=_kept_if_pending("attempts"),
                leases=_kept_if_pending("leases"),
                state=Delivery.State.PENDING,
                lease=None,
                locked_until=None,
                due_at=Now(),
            )
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


def _kept_if_pending(column: str) -> Case:
    """Return the counter of a delivery that still waits, else 0: a delivery that had ended begins again."""
    return Case(When(state=Delivery.State.PENDING, then=F(column)), default=0)
