"""Background work of billing. The rows are the queue: a task that is lost is only late."""

from celery import shared_task
from django.conf import settings

from accounts import mail
from billing import mails, plans, reconcile, settle
from billing.models import Subscription
from billing.razorpay import events, hooks
from wearlink.lib.work.periodic import periodic


@shared_task(name=hooks.WAKE_UP.task, acks_late=True, soft_time_limit=110, time_limit=120)
def process_events() -> None:
    """Do what the events that wait ask for."""
    hooks.WAKE_UP.mark_started()
    events.drain()


@shared_task(name="billing.tasks.sweep", acks_late=True, time_limit=30)
def sweep() -> None:
    """Wake the workers when events wait: retries, and what a lost task left behind."""
    if events.due():
        hooks.WAKE_UP.request_work()


@shared_task(name=settle.MAIL, **mail.TASK_OPTIONS)
def mail_owners(subscription_id: str, word: str) -> None:
    rows = Subscription.objects.select_related("organization", "vendor_plan__plan")
    subscription = rows.filter(pk=subscription_id).first()
    if subscription is not None:
        mails.send(subscription, word)


@periodic(name="billing.tasks.look_after", soft_time_limit=290)
def look_after() -> None:
    """End grace periods, bring versions of plans that begin into force, clear up checkouts without an answer."""
    settle.look_after()
    plans.bring_up_to_date()
    reconcile.settle_claims()


@periodic(name="billing.tasks.reconcile_all", soft_time_limit=500, time_limit=530)
def reconcile_all() -> None:
    """Ask Razorpay about everything that is open; forget old events' bodies."""
    reconcile.run()
    events.prune(settings.PAYLOAD_RETENTION_DAYS)
