"""Mails to owners about payments that fail."""

from typing import Final

from accounts import mail
from billing.models import Subscription
from billing.settle import grace

SUBJECTS: Final = {
    "pending": "A payment failed",
    "halted": "Your payments failed and are no longer tried",
    "grace_ended": "Your organization is on the free plan now",
}


def send(subscription: Subscription, word: str) -> None:
    """Send a mail to each owner; word as in SUBJECTS."""
    until = subscription.failing_since + grace() if subscription.failing_since else None
    context = {
        "word": word,
        "plan": subscription.vendor_plan.plan.name,
        "organization": subscription.organization.name,
        "until": until,
        "short_url": subscription.short_url,
    }
    mail.send_to_owners(subscription.organization_id, "payment_failed", SUBJECTS[word], context)
