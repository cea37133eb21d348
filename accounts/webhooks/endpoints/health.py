"""When to stop calling an endpoint: after days of messages that could not be delivered, or when it says 410.

The first message given up stamps the endpoint, any success wipes the stamp, and a message given up more than five days
after the stamp disables it. A stamp older than ten days says nothing about now and is made anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts import audit
from accounts.models import Organization
from accounts.webhooks import events
from accounts.webhooks.contract import Outcome
from accounts.webhooks.models import Delivery, Endpoint
from wearlink.lib import clock

DISABLE_AFTER: Final = timedelta(hours=120)
STALE: Final = timedelta(hours=240)
GONE: Final = "The endpoint answered 410 Gone."
FAILING: Final = "Deliveries failed for more than 120 hours."


@dataclass(slots=True)
class EndpointHealth:
    """What a batch of outcomes says about one endpoint."""

    endpoint: Endpoint
    succeeded: bool = False
    silent: bool = False
    exhausted: bool = False
    gone: bool = False

    def reason_to_disable(self, now: datetime) -> str:
        """Why the endpoint must be disabled; empty if it need not."""
        first = self.endpoint.first_failure_at
        if self.gone:
            return GONE
        if self.succeeded or not self.exhausted or first is None or now - first > STALE:
            return ""
        return FAILING if now - first > DISABLE_AFTER else ""

    def changed_fields(self, now: datetime) -> dict[str, object]:
        """Fields that are not as they should be."""
        first = self.endpoint.first_failure_at
        found: dict[str, object] = {}
        if self.succeeded and first is not None:
            found["first_failure_at"] = None
        elif self.exhausted and not self.succeeded and (first is None or now - first > STALE):
            found["first_failure_at"] = now
        if self.succeeded and self.endpoint.proven_at is None:
            found["proven_at"] = now
        slow = self.silent and not self.succeeded
        if (self.succeeded or self.silent) and slow != self.endpoint.slow:
            found["slow"] = slow
        return found


@dataclass(slots=True)
class BatchHealth:
    """What a batch of outcomes says about every endpoint in it."""

    by_key: dict[int, EndpointHealth] = field(default_factory=dict)

    def add(self, outcome: Outcome, *, exhausted: bool) -> None:
        """Take one outcome into account; resends and tests say nothing about being given up."""
        endpoint = outcome.job.endpoint
        if endpoint is None:
            return
        signs = self.by_key.setdefault(endpoint.key, EndpointHealth(endpoint))
        signs.succeeded |= outcome.succeeded
        signs.silent |= outcome.silent
        signs.gone |= outcome.gone
        signs.exhausted |= exhausted and outcome.job.trigger == Delivery.Trigger.SCHEDULED


def apply(found: Iterable[EndpointHealth]) -> list[Endpoint]:
    """Write what has changed; returns the endpoints that were disabled. In the transaction of the outcomes."""
    now = clock.now()
    disabled = []
    for one in found:
        reason = one.reason_to_disable(now)
        if reason:
            if disable(one.endpoint, reason):
                disabled.append(one.endpoint)
        elif changes := one.changed_fields(now):
            Endpoint.objects.filter(pk=one.endpoint.key).update(**changes)
    return disabled


@transaction.atomic
def disable(endpoint: Endpoint, reason: str) -> bool:
    """Disable an endpoint, drop what is on its way to it, and tell the organization's other endpoints.

    False if it was not active any more.
    """
    active = Endpoint.objects.live().filter(pk=endpoint.key, status=Endpoint.Status.ACTIVE)
    now = clock.now()
    if not active.update(status=Endpoint.Status.DISABLED, disabled_reason=reason, updated_at=now):
        return False
    drop_pending(endpoint.key)
    data = {
        "endpoint_id": endpoint.id,
        "url": endpoint.url,
        "reason": reason,
        "first_failure_at": _moment(endpoint.first_failure_at),
        "disabled_at": _moment(now),
    }
    events.emit(endpoint.organization_id, "endpoint.disabled", data)
    audit.record(
        "webhook_endpoint.disabled",
        actor=audit.SYSTEM,
        organization=Organization(pk=endpoint.organization_id),
        target=endpoint,
        data={"reason": reason},
    )
    return True


def drop_pending(endpoint_key: int) -> None:
    """End all deliveries on their way to an endpoint; `recover` can start them again."""
    pending = Delivery.objects.filter(endpoint_key=endpoint_key, state=Delivery.State.PENDING)
    pending.update(state=Delivery.State.DROPPED, lease=None, locked_until=None)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else clock.rfc3339(clock.to_ms(value))
