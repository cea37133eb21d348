"""The register of scheduled tasks: when each ran, how it went, when it runs next; and running one at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.db import transaction
from django.db.models import QuerySet
from django_celery_beat.models import PeriodicTask

from accounts import audit
from accounts.models import Developer
from wearlink.lib import clock
from wearlink.lib.errors import Conflict, NotFound
from wearlink.lib.work import job_runs, task_queue
from wearlink.lib.work.job_runs import JobRun

_BEAT_OWN = "celery.backend_cleanup"  # beat puts it there by itself; it has nothing to do with us


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A row of beat's schedule and its last run; `next_run_at` is None for one that is switched off."""

    row: PeriodicTask
    run: JobRun | None
    next_run_at: datetime | None

    @property
    def schedule(self) -> str:
        """In words: every 10 seconds, or daily at 03:10 UTC."""
        at = self.row.crontab
        if at is not None and at.hour.isdecimal() and at.minute.isdecimal() and at.day_of_week == "*":
            return f"daily at {int(at.hour):02}:{int(at.minute):02} UTC"
        return str(self.row.scheduler)

    @property
    def last_run_at(self) -> datetime | None:
        """The end of the last run; where that is unknown, the time at which beat last sent it."""
        return clock.from_ms(self.run.ended_at) if self.run else self.row.last_run_at


def scheduled(q: str = "") -> QuerySet[PeriodicTask]:
    """Beat's schedule, by name; `q` is looked for in the names."""
    rows = PeriodicTask.objects.exclude(name=_BEAT_OWN).select_related("interval", "crontab").order_by("name")
    return rows.filter(name__icontains=q) if q else rows


def register(rows: Sequence[PeriodicTask] | None = None) -> list[ScheduledJob]:
    """Return each row with its last run; a cache that does not answer leaves the runs out."""
    rows = list(scheduled()) if rows is None else rows
    try:
        runs = job_runs.last([row.task for row in rows])
    except redis.RedisError:
        runs = {}
    now = clock.now()
    return [ScheduledJob(row, runs.get(row.task), _next(row, runs.get(row.task), now)) for row in rows]


def run_now(name: str, admin: Developer) -> ScheduledJob:
    """Send a task at once, on its own queue. Raises NotFound, and Conflict for one that is switched off."""
    row = scheduled().filter(name=name).first()
    if row is None:
        raise NotFound("Job not found")
    if not row.enabled:
        raise Conflict("This job is switched off.", code="job_disabled")
    with transaction.atomic():
        task_queue.enqueue(row.task, queue=row.queue or task_queue.DEFAULT)
        actor = audit.developer(admin)
        audit.record("job.run", actor=actor, target=row.name, data={"task": row.task})
    return register([row])[0]


def beat_seen_at() -> datetime | None:
    """Return when beat last did something: the latest end of a run, or the latest moment it wrote down."""
    moments = [job.last_run_at for job in register() if job.last_run_at is not None]
    return max(moments, default=None)


def _next(row: PeriodicTask, run: JobRun | None, now: datetime) -> datetime | None:
    if not row.enabled:
        return None
    last = clock.from_ms(run.ended_at) if run else row.last_run_at or row.date_changed or now
    left: timedelta = row.schedule.remaining_estimate(last)
    return max(now, now + left)
