"""Razorpay's API: the one module that calls it.

    GatewayDown     503  no answer in time, 5xx, 429, or an answer that is no JSON object: it may have worked or not
    GatewayRefused  422  Razorpay understood and said no; `detail` is its sentence
    GatewayMissing  404  no such thing at Razorpay

Nothing is tried twice here: creating a subscription has no idempotency key there, so what to do after a lost answer
is the caller's decision (billing.checkout looks for its own request id).
"""

import hmac
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings

from wearlink.lib import clock
from wearlink.lib.errors import NotAvailable, NotFound, Unavailable, Unprocessable
from wearlink.lib.net import http

logger = logging.getLogger(__name__)
READ_TIMEOUT: Final = 10.0
PAGE: Final = 100
MAX_PAGES: Final = 50

Entity = Mapping[str, Any]


class PaymentsNotConfigured(NotAvailable):
    """A payment call at an installation without Razorpay keys."""

    default_code = "payments_not_configured"

    def __init__(self) -> None:
        super().__init__("Payments are not configured here; an administrator sets the plan of your organization.")


class GatewayDown(Unavailable):
    """Razorpay did not answer, or not with sense."""

    default_code = "payment_gateway_unavailable"


class GatewayRefused(Unprocessable):
    default_code = "payment_refused"


class GatewayMissing(NotFound):
    """Razorpay does not know it."""

    default_code = "payment_object_missing"


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """An answer, and when it was given: epoch seconds by Razorpay's clock."""

    entity: Entity
    at: int


def is_configured() -> bool:
    return bool(settings.RAZORPAY_KEY_ID and settings.RAZORPAY_KEY_SECRET)


def create_plan(*, name: str, code: str, amount: int, currency: str) -> GatewayAnswer:
    """Return a monthly plan at a price in the smallest unit."""
    item = {"name": name, "amount": amount, "currency": currency, "description": f"{name}, monthly"}
    return _call("POST", "/plans", {"period": "monthly", "interval": 1, "item": item, "notes": {"plan": code}})


def create_subscription(*, plan_id: str, total_count: int, notes: Mapping[str, str]) -> GatewayAnswer:
    """Return a subscription that waits for its first payment. It may exist although this raises GatewayDown."""
    body = {"plan_id": plan_id, "total_count": total_count, "quantity": 1, "customer_notify": True, "notes": notes}
    return _call("POST", "/subscriptions", body)


def subscription(subscription_id: str) -> GatewayAnswer:
    """Return a subscription as it is now."""
    return _call("GET", f"/subscriptions/{_id(subscription_id)}")


def subscriptions(*, plan_id: str, since: int) -> Iterator[Entity]:
    """Return the subscriptions of a plan that were created at or after a moment (epoch seconds)."""
    return _list("/subscriptions", {"plan_id": plan_id, "from": since})


def change_subscription(subscription_id: str, *, plan_id: str, at_cycle_end: bool) -> GatewayAnswer:
    when = "cycle_end" if at_cycle_end else "now"
    body = {"plan_id": plan_id, "schedule_change_at": when, "customer_notify": True}
    return _call("PATCH", f"/subscriptions/{_id(subscription_id)}", body)


def keep_subscription(subscription_id: str) -> GatewayAnswer:
    """Take back a change that waits for the end of the cycle."""
    return _call("POST", f"/subscriptions/{_id(subscription_id)}/cancel_scheduled_changes", {})


def cancel_subscription(subscription_id: str, *, at_cycle_end: bool) -> GatewayAnswer:
    body = {"cancel_at_cycle_end": at_cycle_end}
    return _call("POST", f"/subscriptions/{_id(subscription_id)}/cancel", body)


def pause_subscription(subscription_id: str) -> GatewayAnswer:
    """Charge nothing until it is resumed."""
    return _call("POST", f"/subscriptions/{_id(subscription_id)}/pause", {"pause_at": "now"})


def resume_subscription(subscription_id: str) -> GatewayAnswer:
    return _call("POST", f"/subscriptions/{_id(subscription_id)}/resume", {"resume_at": "now"})


def invoices(subscription_id: str) -> Iterator[Entity]:
    """Return every invoice of a subscription."""
    return _list("/invoices", {"subscription_id": subscription_id})


def payment(payment_id: str) -> GatewayAnswer:
    """Return a payment as it is now."""
    return _call("GET", f"/payments/{_id(payment_id)}")


def refunds(*, since: int) -> Iterator[Entity]:
    """Return refunds that were made at or after a moment (epoch seconds)."""
    return _list("/refunds", {"from": since})


def is_signed(text: bytes, signature: str, secret: str) -> bool:
    """Return whether a signature is the hex HMAC-SHA256 of the text; in constant time, whatever is in the signature."""
    expected = hmac.digest(secret.encode(), text, "sha256").hex()
    return bool(secret) and hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def is_checkout_signed(payment_id: str, subscription_id: str, signature: str) -> bool:
    """Return whether what a browser brings back from checkout was signed by Razorpay."""
    return is_signed(f"{payment_id}|{subscription_id}".encode(), signature, settings.RAZORPAY_KEY_SECRET)


def _list(path: str, query: Mapping[str, Any]) -> Iterator[Entity]:
    for page in range(MAX_PAGES):
        found = _call("GET", path, query={**query, "count": PAGE, "skip": page * PAGE}).entity.get("items")
        if not isinstance(found, list):
            raise GatewayDown("The payment service answered something else than a list.")
        yield from (one for one in found if isinstance(one, dict))
        if len(found) < PAGE:
            return


def _call(
    method: str, path: str, body: Mapping[str, Any] | None = None, *, query: Mapping[str, Any] | None = None
) -> GatewayAnswer:
    if not is_configured():
        raise PaymentsNotConfigured
    try:
        response = http.request(
            method,
            f"{settings.RAZORPAY_API_URL}{path}",
            json=body,
            params=query,
            auth=(settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET),
            read_timeout=READ_TIMEOUT,
        )
    except http.PartnerUnreachable as error:
        raise GatewayDown("The payment service does not answer. Please try again.") from error
    entity = _entity(response)
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise _refusal(response.status_code, entity)
    return GatewayAnswer(entity, _moment(response))


def _entity(response: http.Response) -> Entity:
    try:
        entity = response.json()
    except ValueError:
        entity = None
    if not isinstance(entity, dict):
        raise GatewayDown("The payment service answered nonsense. Please try again.")
    return entity


def _refusal(status: int, entity: Entity) -> Exception:
    error = entity.get("error")
    description = str(error.get("description") or "") if isinstance(error, dict) else ""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        logger.error("Razorpay refuses our key (%s)", status)
        return GatewayDown("The payment service does not accept this installation's key.")
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("Razorpay answered %s", status)
        return GatewayDown("The payment service is out of order. Please try again.")
    if status == HTTPStatus.NOT_FOUND or "does not exist" in description:
        return GatewayMissing("The payment service knows no such thing.")
    return GatewayRefused(f"The payment service refuses this: {description[:200] or status}")


def _moment(response: http.Response) -> int:
    """Return the time by the answer's own Date, so that our clock need not agree with theirs."""
    try:
        moment = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return clock.now_ms() // 1000
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def _id(text: str) -> str:
    """Return an id quoted for a path."""
    if not text.replace("_", "").isalnum() or not text.isascii():
        raise GatewayMissing("The payment service knows no such thing.")
    return text
