"""The rules for disabling an endpoint: after days of messages that could not be delivered, or when it answers 410.

The first message given up stamps the endpoint, any success wipes the stamp, and a message given up more than five days
after the stamp disables it. A stamp older than ten days says nothing about now and is set again.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.models import Organization
from accounts.webhooks import events, subscribers
from accounts.webhooks.contract import Outcome
from accounts.webhooks.events import Event
from accounts.webhooks.models import Delivery, Endpoint
from wearlink.lib import clock

DISABLE_AFTER: Final = timedelta(hours=120)
STALE: Final = timedelta(hours=240)
FAILING_FROM: Final = 4  # attempts of a message, some 40 minutes
GONE: Final = "The endpoint answered 410 Gone."
FAILING: Final = "Deliveries failed for more than 120 hours."


class Notice(StrEnum):
    """The kind of a notice about an endpoint: owners get a mail, the organization's other endpoints an event."""

    FAILING = "failing"
    RECOVERED = "recovered"
    EXHAUSTED = "exhausted"
    DISABLED = "disabled"


@dataclass(slots=True)
class EndpointHealth:
    """The outcomes of one endpoint within a batch."""

    endpoint: Endpoint
    succeeded: bool = False
    silent: bool = False
    gone: bool = False
    failed_attempts: int = 0  # of the message that was tried most often
    exhausted: list[Outcome] = field(default_factory=list)

    def reason_to_disable(self, now: datetime) -> str:
        """Return why the endpoint must be disabled; empty if it need not."""
        first = self.endpoint.first_failure_at
        if self.gone:
            return GONE
        if self.succeeded or not self.exhausted or first is None or now - first > STALE:
            return ""
        return FAILING if now - first > DISABLE_AFTER else ""

    def changed_fields(self, now: datetime) -> dict[str, object]:
        """Return fields that are not as they should be."""
        endpoint, found = self.endpoint, dict[str, object]()
        first = endpoint.first_failure_at
        if self.succeeded and first is not None:
            found["first_failure_at"] = None
        elif self.exhausted and not self.succeeded and (first is None or now - first > STALE):
            found["first_failure_at"] = now
        if self.succeeded and endpoint.proven_at is None:
            found["proven_at"] = now
        if self.succeeded and endpoint.failing_at is not None:
            found["failing_at"] = None
        elif not self.succeeded and endpoint.failing_at is None and self.failed_attempts >= FAILING_FROM:
            found["failing_at"] = now
        slow = self.silent and not self.succeeded
        if (self.succeeded or self.silent) and slow != endpoint.slow:
            found["slow"] = slow
        return found


@dataclass(slots=True)
class BatchHealth:
    """The outcomes of every endpoint in a batch."""

    by_key: dict[int, EndpointHealth] = field(default_factory=dict)

    def add(self, outcome: Outcome, *, exhausted: bool) -> None:
        """Take one outcome into account; resends and tests say nothing about being given up."""
        endpoint = outcome.job.endpoint
        if endpoint is None:
            return
        health = self.by_key.setdefault(endpoint.key, EndpointHealth(endpoint))
        health.succeeded |= outcome.succeeded
        health.silent |= outcome.silent
        health.gone |= outcome.gone
        if outcome.job.trigger != Delivery.Trigger.SCHEDULED or outcome.succeeded:
            return
        health.failed_attempts = max(health.failed_attempts, outcome.job.attempts + 1)
        if exhausted:
            health.exhausted.append(outcome)


def apply(batch: BatchHealth) -> list[tuple[Endpoint, Notice]]:
    """Write what has changed and emit the events of it; returns which owners to mail about what.

    Runs in the transaction of the outcomes.
    """
    now, notices = clock.now(), list[tuple[Endpoint, Notice]]()
    for key in sorted(batch.by_key):  # in one order, else two workers wait for each other
        one = batch.by_key[key]
        _emit_exhausted(one)
        reason = one.reason_to_disable(now)
        if reason:
            if disable(one.endpoint, reason):
                notices.append((one.endpoint, Notice.DISABLED))
        elif changes := one.changed_fields(now):
            notices += [(one.endpoint, notice) for notice in _change(one.endpoint, changes, now)]
    return notices


def _change(endpoint: Endpoint, changes: dict[str, object], now: datetime) -> list[Notice]:
    """Write changed fields; a change that two workers find at once is emitted once."""
    mailed = []
    rows = Endpoint.objects.filter(pk=endpoint.key)
    if "failing_at" in changes:
        failing_at = changes.pop("failing_at")
        if rows.filter(failing_at__isnull=failing_at is not None).update(failing_at=failing_at):
            mailed.append(Notice.RECOVERED if failing_at is None else Notice.FAILING)
            _emit_state(endpoint, mailed[-1], now)
    stamp = changes.get("first_failure_at")
    if stamp is not None:
        del changes["first_failure_at"]
        unstamped = rows.filter(Q(first_failure_at=None) | Q(first_failure_at__lt=now - STALE))
        if unstamped.update(first_failure_at=stamp):
            mailed.append(Notice.EXHAUSTED)
    if changes:
        rows.update(**changes)
    return mailed


def _emit_state(endpoint: Endpoint, notice: Notice, now: datetime) -> None:
    others = subscribers.of_organization(endpoint.organization_id).without(endpoint.key)
    data = {"endpoint_id": endpoint.id, "url": endpoint.url, f"{notice.value}_at": _moment(now)}
    if notice is Notice.RECOVERED:
        data["failing_since"] = _moment(endpoint.failing_at)
    events.emit_many(others, [Event(f"endpoint.{notice.value}", data)])


def _emit_exhausted(health: EndpointHealth) -> None:
    """Emit the messages given up to the other endpoints, except those about endpoints and messages."""
    mailed = []
    for outcome in health.exhausted:
        message = outcome.job.message
        if message.type.partition(".")[0] not in {"endpoint", "message"}:
            data = {
                "message_id": message.id, "event_type": message.type, "endpoint_id": health.endpoint.id,
                "url": health.endpoint.url, "attempts": outcome.job.attempts + 1, "error": outcome.error,
            }  # fmt: skip
            mailed.append(Event("message.exhausted", data))
    if mailed:
        others = subscribers.of_organization(health.endpoint.organization_id).without(health.endpoint.key)
        events.emit_many(others, mailed)


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
