"""Background work of webhooks. The rows are the queue: a task that is lost is only late."""

from celery import shared_task
from django.conf import settings

from accounts import mail
from accounts.deletion import retention
from accounts.webhooks.delivery import dispatch, leases, listeners
from accounts.webhooks.endpoints import catalogue_sync, mails
from accounts.webhooks.endpoints.health import Notice
from accounts.webhooks.models import Endpoint
from accounts.webhooks.retention import MESSAGES
from accounts.webhooks.wakeups import DELIVER
from wearlink.lib.work.periodic import periodic


@shared_task(name=DELIVER.task, acks_late=True, soft_time_limit=110, time_limit=120)
def deliver() -> None:
    """Make due deliveries; several workers may do so at a time."""
    DELIVER.mark_started()
    dispatch.run()
    if leases.any_due():
        DELIVER.request_work()


@shared_task(name="accounts.webhooks.tasks.sweep", acks_late=True, time_limit=30)
def sweep() -> None:
    """Wake the workers when deliveries are due: retries, and what a lost wake-up left behind."""
    if leases.any_due():
        DELIVER.request_work()


@periodic(name="accounts.webhooks.tasks.prune", soft_time_limit=290)
def prune() -> None:
    """Remove messages that are older than their retention, with their deliveries and attempts."""
    retention.apply(MESSAGES)
    if settings.SVIX_TOKEN:
        catalogue_sync.forget_applications()


@periodic(name="accounts.webhooks.tasks.close_listeners", soft_time_limit=50)
def close_listeners() -> None:
    """Close the listeners that nobody polls any more."""
    listeners.close_silent()


@periodic(name="accounts.webhooks.tasks.sync_catalogue", soft_time_limit=290)
def sync_catalogue() -> None:
    """Expand stored filters again when the catalogue has grown; with Svix, send it the event types."""
    catalogue_sync.sync()


@shared_task(name=catalogue_sync.LOOK, acks_late=True, time_limit=60)
def look_at_svix(organization_id: str) -> None:
    """Take over what Svix has disabled of one organization; a look that is lost is made by the next sync."""
    if settings.SVIX_TOKEN:
        catalogue_sync.notice_disabled(organization_id)


@shared_task(name=mails.TASK, **mail.TASK_OPTIONS)
def mail_about_endpoint(endpoint_key: int, notice: str) -> None:
    endpoint = Endpoint.objects.live().filter(pk=endpoint_key).first()
    if endpoint is not None:
        mails.send(endpoint, Notice(notice))
