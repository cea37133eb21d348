"""Mails to owners about payments that fail."""

from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Developer, Role
from billing.models import Subscription
from billing.settle import grace

SUBJECTS: Final = {
    "pending": "A payment failed",
    "halted": "Your payments failed and are no longer tried",
    "grace_ended": "Your organization is on the free plan now",
}


def send(subscription: Subscription, word: str) -> None:
    """One mail to each owner; word as in SUBJECTS."""
    until = subscription.failing_since + grace() if subscription.failing_since else None
    context = {
        "word": word,
        "plan": subscription.vendor_plan.plan.name,
        "organization": subscription.organization.name,
        "until": until,
        "short_url": subscription.short_url,
        "base_url": settings.BASE_URL,
    }
    body = render_to_string("mail/payment_failed.txt", context)
    owners = Developer.objects.filter(organization_id=subscription.organization_id, role=Role.OWNER)
    for address in owners.values_list("email", flat=True):
        send_mail(SUBJECTS[word], body, settings.DEFAULT_FROM_EMAIL, [address])
