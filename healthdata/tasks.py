"""Background work of health data. The rows are the queue: a task that is lost is only late."""

import time

from celery import shared_task

from accounts.tenants import working_for
from healthdata.figures import arrivals, due, scores
from healthdata.queries import feed
from healthdata.sources import regroup
from healthdata.webhooks import summary_updates
from healthdata.zones import zone_learning, zone_rebuild
from wearlink.lib.work.periodic import periodic


@shared_task(name=due.LINE.task, acks_late=True, time_limit=540, soft_time_limit=510)
def compute_figures(user_key: int) -> None:
    """Compute the figures of the due days of whose turn it is, and the scores that rest on them."""
    for turn in due.LINE.turns(user_key):
        with working_for(turn.item):
            if pause := arrivals.pause(turn.item):
                due.LINE.request_work(turn.item, owner=turn.owner, after=pause)
            elif _work_off(turn.item, due.CROWDED_SECONDS if turn.crowded else due.BUDGET_SECONDS):
                due.LINE.request_again(turn)


def _work_off(user_key: int, seconds: float) -> bool:
    """Return True if the time was over before the work was."""
    deadline = time.monotonic() + seconds
    zone_learning.work_off(user_key)
    zone_rebuild.work_off(user_key)
    regroup.work_off(user_key)
    if due.work_off(user_key, deadline):
        return True
    zone_rebuild.finish(user_key)
    return scores.work_off(user_key, deadline)


@periodic(name="healthdata.tasks.sweep_due_days", time_limit=60)
def sweep_due_days() -> None:
    """Wake workers for the days that have been due for a while: after a lost task, a crash or an outage."""
    for user_key in due.waiting_users():
        with working_for(user_key):
            due.LINE.request_work(user_key)


@periodic(name="healthdata.tasks.emit_summary_updates", time_limit=60)
def emit_summary_updates() -> None:
    """Tell customers which figures of days have changed."""
    summary_updates.emit_due()


@periodic(name="healthdata.tasks.prune_changes", time_limit=540, soft_time_limit=510)
def prune_changes() -> None:
    """Delete what is too old for the change feed."""
    feed.prune()
