"""Background work for vendor clouds. Every task takes keys of rows; the rows say what is to be done."""

from uuid import UUID

from celery import shared_task

from providers.connections import oauth, revocations
from providers.pull import notifications, pull, retention
from providers.runs import backfills, sync_runs, wakeups
from providers.webhooks import subscriptions
from wearlink.lib.work import task_queue
from wearlink.lib.work.periodic import periodic


@shared_task(name=wakeups.WORK.task, acks_late=True, time_limit=540, soft_time_limit=510)
def work(connection_key: int) -> None:
    """Do what is due for the connection whose turn it is: notifications, then runs."""
    for turn in wakeups.WORK.turns(connection_key):
        if pull.work(turn.item):
            wakeups.WORK.request_again(turn)


@shared_task(name=wakeups.WAKE_TASK, acks_late=True, time_limit=60)
def wake(connection_key: int, organization_id: str) -> None:
    """Have a connection that waited looked after in its organization's turn."""
    wakeups.request_work(connection_key, UUID(organization_id))


@shared_task(name=wakeups.RESOLVE_TASK, acks_late=True, time_limit=60)
def resolve_waiting() -> None:
    """Enqueue the connections with new notifications."""
    for key, organization_id in notifications.connections_waiting(pull.BATCH_SIZE, grace=0):
        wakeups.request_work(key, organization_id)


@shared_task(name="providers.pull.tasks.revoke_grant", acks_late=True, time_limit=300)
def revoke_grant(revocation_id: int) -> None:
    """Give a grant back to its vendor."""
    revocations.revoke(revocation_id)


@periodic(name="providers.pull.tasks.open_periodic", time_limit=300)
def open_periodic() -> None:
    """Open the runs of connections whose time has come."""
    pull.open_periodic()


@periodic(name="providers.pull.tasks.sweep", time_limit=60)
def sweep() -> None:
    """Enqueue what is due and not at work, and end runs of which nothing waits: after a lost task or a crash."""
    for key, organization_id in pull.connections_waiting():
        wakeups.request_work(key, organization_id)
    backfills.settle_overdue()
    for key in sync_runs.stuck():
        sync_runs.finish_if_done(key)
    for key in revocations.due():
        task_queue.enqueue("providers.pull.tasks.revoke_grant", key)


@periodic(name="providers.pull.tasks.maintain_subscriptions", time_limit=540, soft_time_limit=510)
def maintain_subscriptions() -> None:
    """Make and renew the vendors' subscriptions."""
    subscriptions.maintain_all()


@periodic(name="providers.pull.tasks.renew_idle", time_limit=540, soft_time_limit=510)
def renew_idle() -> None:
    """Use refresh tokens before they end unused."""
    oauth.renew_idle()


@periodic(name="providers.pull.tasks.prune", time_limit=300)
def prune() -> None:
    """Remove states nobody came back with, and runs that are long over."""
    retention.prune()
