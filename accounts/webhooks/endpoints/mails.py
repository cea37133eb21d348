"""The mail to an organization's owners when one of its endpoints was disabled."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Developer, Role
from accounts.webhooks.models import Endpoint
from wearlink.lib import task_queue

TASK = "accounts.webhooks.tasks.mail_endpoint_disabled"


def endpoint_disabled(endpoint_key: int) -> None:
    """Have the mail sent after the commit."""
    task_queue.enqueue(TASK, endpoint_key)


def send_endpoint_disabled(endpoint: Endpoint) -> None:
    """One mail to each owner."""
    context = {"url": endpoint.url, "endpoint_id": endpoint.id, "reason": endpoint.disabled_reason,
               "base_url": settings.BASE_URL}  # fmt: skip
    body = render_to_string("mail/endpoint_disabled.txt", context)
    owners = Developer.objects.filter(organization_id=endpoint.organization_id, role=Role.OWNER)
    for address in owners.values_list("email", flat=True):
        send_mail("A webhook endpoint was disabled", body, settings.DEFAULT_FROM_EMAIL, [address])
