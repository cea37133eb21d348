"""Razorpay's webhooks: proven, checked, stored, answered; what follows is a task.

Refused with 400 and a line in the log, and nothing is stored: no signature or a wrong one, events of another account,
bodies that Razorpay would not send. Answered with 200 and nothing done: an event id that was seen before.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from django.conf import settings

from billing.models import RazorpayEvent
from billing.razorpay import gateway
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput, NotFound, WearLinkError
from wearlink.lib.postgres import prepared
from wearlink.lib.security import crypto
from wearlink.lib.work.task_queue import WakeUp

logger = logging.getLogger(__name__)
WAKE_UP: Final = WakeUp("billing.tasks.process_events")
MAX_BODY: Final = 1024 * 1024
_AMOUNTS: Final = frozenset({"amount", "amount_paid", "amount_due", "amount_refunded", "fee", "tax"})
# Written out: `make bench`, Razorpay's webhook: p50.
_KEEP: Final = f"""
    INSERT INTO {RazorpayEvent._meta.db_table}
        (event_id, name, created_at, body, state, attempts, due_at, error, received_at)
    VALUES (%s, %s, %s, %s, 'received', 0, statement_timestamp(), '', %s)
    ON CONFLICT (event_id) DO NOTHING RETURNING id
"""  # noqa: S608 - the name is our own


class BadSignature(InvalidInput):
    """A call that was not signed with our secret."""

    default_code = "bad_signature"


class MalformedEvent(InvalidInput):
    """Razorpay would not send this."""

    default_code = "malformed_event"


class NotAwaited(NotFound):
    """A call to an installation that has no secret, so that nobody may make it."""

    default_code = "payments_not_configured"


def receive(body: bytes, signature: str, event_id: str) -> bool:
    """Store an event; False if it is known. When this returns, it is stored.

    Raises NotAwaited, BadSignature, MalformedEvent.
    """
    try:
        _prove(body, signature)
        event = _checked(body)
    except WearLinkError as error:
        logger.warning("A webhook in Razorpay's name was refused: %s (%s bytes)", error.code, len(body))
        raise
    name = event_id[:80] if event_id.isascii() and event_id.isprintable() else ""
    return _keep(name or f"sha256:{hashlib.sha256(body).hexdigest()}", event, body)


def _keep(event_id: str, event: Mapping[str, Any], body: bytes) -> bool:
    values = [event_id, event["event"], event["created_at"], crypto.encrypt(body), clock.now()]
    with prepared() as cursor:  # one statement, which commits itself
        cursor.execute(_KEEP, values)
        is_new = cursor.fetchone() is not None
    if is_new:
        WAKE_UP.request_work()
    return is_new


def _prove(body: bytes, signature: str) -> None:
    secrets = [settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS]
    if not any(secrets):
        raise NotAwaited("Payments are not configured here.")
    proven = [gateway.is_signed(body, signature, secret) for secret in secrets]  # all, so that time tells nothing
    if not any(proven):
        raise BadSignature("The signature is not valid.")


def _checked(body: bytes) -> Mapping[str, Any]:
    """Return the event, as far as what everybody relies on is there."""
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedEvent("The body is not valid JSON.") from error
    if not isinstance(event, dict) or not isinstance(event.get("payload"), dict):
        raise MalformedEvent("The body is not an event.")
    name, at = event.get("event"), event.get("created_at")
    if not isinstance(name, str) or not 0 < len(name) <= 64 or not name.isascii():
        raise MalformedEvent("The event has no name.")
    if isinstance(at, bool) or not isinstance(at, int) or not 0 < at < 1 << 40:
        raise MalformedEvent("The event has no time.")
    if settings.RAZORPAY_ACCOUNT_ID and event.get("account_id") != settings.RAZORPAY_ACCOUNT_ID:
        raise MalformedEvent("The event is another account's.", code="foreign_account")
    for field, amount in _amounts(event["payload"]):
        if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount < 1 << 50:
            raise MalformedEvent.on(field, "is no amount.", code="malformed_event")
    return event


def _amounts(payload: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind, wrapped in payload.items():
        entity = wrapped.get("entity") if isinstance(wrapped, dict) else None
        if not isinstance(entity, dict):
            raise MalformedEvent.on(str(kind)[:32], "is no entity.", code="malformed_event")
        for field in _AMOUNTS & entity.keys():
            if entity[field] is not None:
                yield f"{kind}.{field}"[:64], entity[field]
