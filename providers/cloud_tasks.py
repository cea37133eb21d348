"""Background work for vendor clouds. Every task takes keys of rows; the rows say what is to be done."""

from celery import shared_task

from providers import announcements, nudges, queueing, revocations, runs, subscriptions, sync, upkeep
from wearlink.lib.periodic import periodic


@shared_task(name=nudges.WORK, acks_late=True, time_limit=540, soft_time_limit=510)
def work(connection_key: int) -> None:
    """Do what is due for a connection: notices, then runs."""
    nudges.heard(connection_key)
    if sync.work(connection_key):
        nudges.wake(connection_key)


@shared_task(name=nudges.LOOK, acks_late=True, time_limit=60)
def resolve_waiting() -> None:
    """Enqueue the connections that vendors have just told us about."""
    for key in announcements.waiting(sync.AT_ONCE, grace=0):
        nudges.wake(key)


@shared_task(name="providers.cloud_tasks.give_back", acks_late=True, time_limit=300)
def give_back(revocation_id: int) -> None:
    """Give a grant back to its vendor."""
    revocations.carry_out(revocation_id)


@periodic(name="providers.cloud_tasks.open_periodic", time_limit=300)
def open_periodic() -> None:
    """Open the runs of connections whose time has come."""
    sync.open_periodic()


@periodic(name="providers.cloud_tasks.sweep", time_limit=60)
def sweep() -> None:
    """Enqueue what is due and not at work, and end runs of which nothing waits: after a lost task or a crash."""
    for key in sync.waiting():
        nudges.wake(key)
    for key in runs.stuck():
        runs.settle(key)
    for key in revocations.due():
        queueing.enqueue("providers.cloud_tasks.give_back", key)


@periodic(name="providers.cloud_tasks.keep_subscriptions", time_limit=540, soft_time_limit=510)
def keep_subscriptions() -> None:
    """Make and renew the vendors' subscriptions."""
    subscriptions.keep_all()


@periodic(name="providers.cloud_tasks.tidy", time_limit=300)
def tidy() -> None:
    """Remove states nobody came back with, and runs that are long over."""
    upkeep.tidy()
