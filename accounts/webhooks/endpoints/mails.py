"""The mails to an organization's owners about the health of an endpoint."""

from typing import Final

from accounts import mail
from accounts.webhooks.endpoints.health import Notice
from accounts.webhooks.models import Endpoint
from wearlink.lib.work import task_queue

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
    """Send a mail to each owner."""
    template = f"endpoint_{notice.value}"
    mail.send_to_owners(endpoint.organization_id, template, SUBJECTS[notice], {"endpoint": endpoint})
