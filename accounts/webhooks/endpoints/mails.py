"""The mails to an organization's owners about the health of an endpoint."""

from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Developer, Role
from accounts.webhooks.endpoints.health import Notice
from accounts.webhooks.models import Endpoint
from wearlink.lib import task_queue

TASK: Final = "accounts.webhooks.tasks.mail_about_endpoint"
SUBJECTS: Final = {
    Notice.FAILING: "Deliveries to a webhook endpoint keep failing",
    Notice.RECOVERED: "A webhook endpoint answers again",
    Notice.EXHAUSTED: "Webhook messages could not be delivered",
    Notice.DISABLED: "A webhook endpoint was disabled",
}


def enqueue(endpoint_key: int, notice: Notice) -> None:
    """Have the mail sent after the commit."""
    task_queue.enqueue(TASK, endpoint_key, notice.value)


def send(endpoint: Endpoint, notice: Notice) -> None:
    """One mail to each owner."""
    context = {"endpoint": endpoint, "base_url": settings.BASE_URL}
    body = render_to_string(f"mail/endpoint_{notice.value}.txt", context)
    owners = Developer.objects.filter(organization_id=endpoint.organization_id, role=Role.OWNER)
    for address in owners.values_list("email", flat=True):
        send_mail(SUBJECTS[notice], body, settings.DEFAULT_FROM_EMAIL, [address])
