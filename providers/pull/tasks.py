"""Background work for vendor clouds. Every task takes keys of rows; the rows say what is to be done."""

from celery import shared_task

from providers.connections import revocations
from providers.pull import notifications, pull, retention
from providers.runs import enqueue, sync_runs, wakeups
from providers.webhooks import subscriptions
from wearlink.lib.periodic import periodic


@shared_task(name=wakeups.WORK, acks_late=True, time_limit=540, soft_time_limit=510)
def work(connection_key: int) -> None:
    """Do what is due for a connection: notices, then runs."""
    wakeups.heard(connection_key)
    if pull.work(connection_key):
        wakeups.wake(connection_key)


@shared_task(name=wakeups.LOOK, acks_late=True, time_limit=60)
def resolve_waiting() -> None:
    """Enqueue the connections that vendors have just told us about."""
    for key in notifications.waiting(pull.AT_ONCE, grace=0):
        wakeups.wake(key)


@shared_task(name="providers.pull.tasks.give_back", acks_late=True, time_limit=300)
def give_back(revocation_id: int) -> None:
    """Give a grant back to its vendor."""
    revocations.carry_out(revocation_id)


@periodic(name="providers.pull.tasks.open_periodic", time_limit=300)
def open_periodic() -> None:
    """Open the runs of connections whose time has come."""
    pull.open_periodic()


@periodic(name="providers.pull.tasks.sweep", time_limit=60)
def sweep() -> None:
    """Enqueue what is due and not at work, and end runs of which nothing waits: after a lost task or a crash."""
    for key in pull.waiting():
        wakeups.wake(key)
    for key in sync_runs.stuck():
        sync_runs.settle(key)
    for key in revocations.due():
        enqueue.enqueue("providers.pull.tasks.give_back", key)


@periodic(name="providers.pull.tasks.keep_subscriptions", time_limit=540, soft_time_limit=510)
def keep_subscriptions() -> None:
    """Make and renew the vendors' subscriptions."""
    subscriptions.keep_all()


@periodic(name="providers.pull.tasks.tidy", time_limit=300)
def tidy() -> None:
    """Remove states nobody came back with, and runs that are long over."""
    retention.tidy()
