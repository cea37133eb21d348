"""Listeners: a developer's command line fetches messages over the API, so that no tunnel leads to the desk.

    open_listener → poll, poll, … → close

A poll brings signed messages and hands in what the developer's own server answered to those of the last one. There is
one attempt; a message whose answer is never handed in comes again after a minute. One that is silent for 5 minutes is
gone: the listener is closed and what waits for it dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now

from accounts import audit
from accounts.audit import Actor
from accounts.models import Organization
from accounts.webhooks import ids, signing
from accounts.webhooks.contract import TooManyEndpoints
from accounts.webhooks.delivery import leases
from accounts.webhooks.endpoints import health, lifecycle
from accounts.webhooks.models import Delivery, Endpoint, Message, Secret
from wearlink.lib import clock
from wearlink.lib.errors import NotFound

SILENT_AFTER: Final = timedelta(minutes=5)
AGAIN_AFTER: Final = timedelta(minutes=1)  # a message whose answer was not handed in
MAX_LISTENERS: Final = 5  # of an organization
PAGE: Final = 20
PAGE_BYTES: Final = 1_000_000


class ListenerNotFound(NotFound):
    """The organization has no such listener, or no more."""

    default_code = "listener_not_found"


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A message, and the headers and bytes that a call to an endpoint would have."""

    message: Message
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class LocalAnswer:
    """The answer of the developer's own server; status_code 0: none came."""

    message_id: str
    status_code: int


def find(organization: Organization, listener_id: str) -> Endpoint:
    """Return the organization's listener of that id; raises ListenerNotFound."""
    found = Endpoint.objects.filter(organization_id=organization.pk, listener=True, id=listener_id).first()
    if found is None:
        raise ListenerNotFound("Webhook listener not found")
    if found.deleted_at is not None:
        raise ListenerNotFound("The listener was closed, or silent for five minutes; open another one.")
    return found


def open_listener(organization: Organization, values: Mapping[str, Any], actor: Actor) -> lifecycle.Created:
    """Return a new listener; values: filter_types, user_id, description, secret. Raises InvalidInput,
    TooManyEndpoints.
    """
    listener = Endpoint(
        organization=organization, id=ids.new(ids.LISTENER), url="", listener=True, polled_at=clock.now()
    )
    lifecycle.apply_values(listener, values)
    secret = values.get("secret") or signing.new_secret()
    signing.check_secret(secret)
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        if Endpoint.objects.listeners_of(organization).count() >= MAX_LISTENERS:
            raise TooManyEndpoints(f"An organization may have {MAX_LISTENERS} listeners at a time.")
        listener.save(force_insert=True)
        Secret.objects.create(endpoint=listener, secret=secret)
        _record("opened", listener, actor, {"filter_types": listener.filter_types})
    return lifecycle.Created(listener, secret)


def close(listener: Endpoint, actor: Actor, reason: str = "") -> None:
    """End it; what waits for it is dropped."""
    with transaction.atomic():
        if Endpoint.objects.live().filter(pk=listener.key).update(deleted_at=clock.now()):
            health.drop_pending(listener.key)
            _record("closed", listener, actor, {"reason": reason} if reason else {})


def close_silent() -> int:
    """Close those that nobody polls; returns how many."""
    before = clock.now() - SILENT_AFTER
    silent = list(Endpoint.objects.live().filter(listener=True, polled_at__lt=before))
    for listener in silent:
        close(listener, audit.SYSTEM, "silent")
    return len(silent)


@transaction.atomic
def poll(listener: Endpoint, answers: Sequence[LocalAnswer]) -> list[SignedMessage]:
    """Take answers down and fetch what waits, the oldest first."""
    Endpoint.objects.filter(pk=listener.key).update(polled_at=clock.now())
    _settle(listener, answers)
    return fetch(listener)


@transaction.atomic
def fetch(listener: Endpoint) -> list[SignedMessage]:
    """Return what waits, as much as fits into one answer; it comes again unless its answers are handed in."""
    waiting = Delivery.objects.filter(endpoint_key=listener.key, state=Delivery.State.PENDING, due_at__lte=Now())
    rows = list(waiting.select_for_update(skip_locked=True).order_by("key")[:PAGE])
    messages = Message.objects.in_bulk([row.message_key for row in rows])
    secrets = [row.secret for row in listener.secrets.all()]
    found, taken, size = list[SignedMessage](), list[int](), 0
    for row in rows:
        message = messages.get(row.message_key)
        body = leases.stored_body(message) if message is not None else None
        if message is None or body is None:
            leases.drop([row.pk])
            continue
        size += len(body)
        if found and size > PAGE_BYTES:
            break
        taken.append(row.pk)
        seconds = clock.to_ms(clock.now()) // 1000
        headers = {"Content-Type": "application/json", **signing.headers(message.id, seconds, body, secrets)}
        found.append(SignedMessage(message, headers, body))
    Delivery.objects.filter(pk__in=taken).update(due_at=Now() + AGAIN_AFTER)
    return found


def _settle(listener: Endpoint, answers: Sequence[LocalAnswer]) -> None:
    succeeded = {one.message_id: 200 <= one.status_code < 300 for one in answers}
    keys = dict(Message.objects.filter(id__in=succeeded).values_list("key", "id"))
    waiting = Delivery.objects.filter(endpoint_key=listener.key, state=Delivery.State.PENDING)
    for good, state in ((True, Delivery.State.DELIVERED), (False, Delivery.State.FAILED)):
        of_these = [key for key, name in keys.items() if succeeded[name] is good]
        if of_these:
            waiting.filter(message_key__in=of_these).update(state=state, attempts=1)


def _record(act: str, listener: Endpoint, actor: Actor, data: dict[str, Any]) -> None:
    organization = Organization(pk=listener.organization_id)
    audit.record(f"webhook_listener.{act}", actor=actor, organization=organization, target=listener, data=data)
