"""The Celery app and everything it does by the clock."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, task_postrun, task_prerun, worker_init
from django.conf import settings
from django.db import close_old_connections
from django.utils.log import configure_logging
from kombu import Queue
from kombu.transport import redis as redis_transport

from wearlink.lib.work import job_runs, memory
from wearlink.qos import PatientQoS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearlink.settings")

QUEUES = ("ingest", "default", "pull", "vision", "long", "webhooks")

# What is not named here goes to the default queue.
ROUTES: dict[str, dict[str, str]] = {
    "providers.payloads.tasks.drain": {"queue": "ingest"},
    "providers.payloads.tasks.sweep_payloads": {"queue": "ingest"},
    "providers.pull.tasks.work": {"queue": "pull"},
    "providers.imports.tasks.run": {"queue": "long"},
    "accounts.exports.tasks.make": {"queue": "long"},
    "nutrition.tasks.recognize_meal": {"queue": "vision"},
    "accounts.webhooks.tasks.deliver": {"queue": "webhooks"},
    "accounts.webhooks.tasks.sweep": {"queue": "webhooks"},
}


def _every(seconds: int, task: str, queue: str = "default") -> dict[str, Any]:
    """Return a task every so many seconds; one that no worker took until the next is due is dropped."""
    return {"task": task, "schedule": float(seconds), "options": {"queue": queue, "expires": seconds}}


def _daily(hour: int, minute: int, task: str, queue: str = "default") -> dict[str, Any]:
    """Return a task at a time of day, UTC."""
    return {"task": task, "schedule": crontab(hour=str(hour), minute=str(minute)), "options": {"queue": queue}}


SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep payloads": _every(10, "providers.payloads.tasks.sweep_payloads", queue="ingest"),
    "sweep due days": _every(30, "healthdata.tasks.sweep_due_days"),
    "tell changed summaries": _every(15, "healthdata.tasks.emit_summary_updates"),
    "sweep imports": _every(10, "providers.imports.tasks.sweep"),
    "look for awaited uploads": _every(30, "providers.imports.tasks.sweep_uploads"),
    "sweep exports": _every(10, "accounts.exports.tasks.sweep"),
    "prune payloads": _daily(3, 10, "providers.payloads.tasks.prune_payloads"),
    "prune imports": _daily(3, 20, "providers.imports.tasks.prune"),
    "open periodic syncs": _every(30, "providers.pull.tasks.open_periodic"),
    "sweep vendor clouds": _every(10, "providers.pull.tasks.sweep"),
    "keep vendor subscriptions": _every(60, "providers.pull.tasks.maintain_subscriptions"),
    "prune runs and states": _daily(3, 55, "providers.pull.tasks.prune"),
    "renew idle tokens": _every(3600, "providers.pull.tasks.renew_idle"),
    "sweep photos": _every(10, "nutrition.tasks.sweep", queue="vision"),
    "prune changes": _daily(4, 5, "healthdata.tasks.prune_changes"),
    "prune photos": _daily(3, 30, "nutrition.tasks.prune"),
    "prune accounts": _daily(3, 40, "accounts.tasks.prune"),
    "sweep billing events": _every(15, "billing.tasks.sweep"),
    "look after subscriptions": _every(600, "billing.tasks.look_after"),
    "reconcile payments": _daily(2, 30, "billing.tasks.reconcile_all", queue="long"),
    "sweep objects": _daily(4, 20, "accounts.tasks.sweep_objects", queue="long"),
    "remove leftovers": _every(30, "accounts.tasks.remove_leftovers"),
    "anchor audit trail": _daily(0, 25, "accounts.tasks.anchor_audit"),
    "check audit trail": _daily(0, 40, "accounts.tasks.check_audit", queue="long"),
    "collect calls": _every(60, "accounts.tasks.collect_calls"),
    "roll up usage": _daily(0, 10, "accounts.tasks.roll_up"),
    "sweep webhooks": _every(5, "accounts.webhooks.tasks.sweep", queue="webhooks"),
    "close silent listeners": _every(60, "accounts.webhooks.tasks.close_listeners"),
    "prune webhooks": _daily(3, 25, "accounts.webhooks.tasks.prune"),
    "index the documentation": _every(60, "adminportal.tasks.index_docs"),
    "sync webhook catalogue": _every(300, "accounts.webhooks.tasks.sync_catalogue"),
}


_SWEEPS = (
    "sweep payloads", "sweep imports", "sweep exports", "sweep vendor clouds", "sweep photos", "remove leftovers",
)  # fmt: skip
SCHEDULED = frozenset(entry["task"] for entry in SCHEDULE.values())

redis_transport.Channel.QoS = PatientQoS

app = Celery("wearlink")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in QUEUES]
app.conf.task_routes = ROUTES
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()
app.conf.imports = ("wearlink.watchdog",)


@app.on_after_configure.connect
def sweep_as_often_as_set(**_: Any) -> None:
    """SWEEP_SECONDS, once there are settings: this module is imported before them."""
    for name in _SWEEPS:
        SCHEDULE[name]["schedule"] = float(settings.SWEEP_SECONDS)
        SCHEDULE[name]["options"]["expires"] = settings.SWEEP_SECONDS


@worker_init.connect
def give_back_memory(**_: Any) -> None:
    """Before it makes its task processes, which inherit that."""
    memory.return_at_once()


@task_prerun.connect
def drop_stale_connections(**_: Any) -> None:
    """Connections outlive tasks; this one drops those that a restarted database has left dead."""
    close_old_connections()


@task_prerun.connect
def note_begin(task_id: str = "", task: Any = None, **_: Any) -> None:
    """Note the begin of a run in the register of scheduled tasks (adminportal)."""
    if task.name in SCHEDULED:
        job_runs.begin(task_id)


@task_postrun.connect
def note_end(task_id: str = "", task: Any = None, state: str | None = None, **_: Any) -> None:
    """Note the end of a run in the register of scheduled tasks (adminportal)."""
    if task.name in SCHEDULED:
        job_runs.end(task.name, task_id, state or "FAILURE")


@setup_logging.connect
def log_like_django(**_: Any) -> None:
    """Keep Celery from installing handlers of its own beside those of the settings, which a copy of a process that has
    them (wearlink.programs) takes along.
    """
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
