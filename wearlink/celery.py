"""The Celery app and everything it does by the clock."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, task_prerun
from django.conf import settings
from django.db import close_old_connections
from django.utils.log import configure_logging
from kombu import Queue
from kombu.transport import redis as redis_transport
from kombu.transport import virtual

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearlink.settings")

QUEUES = ("ingest", "default", "webhooks", "vision", "long")

# What is not named here goes to the default queue.
ROUTES: dict[str, dict[str, str]] = {
    "providers.payloads.tasks.drain": {"queue": "ingest"},
    "providers.payloads.tasks.sweep_payloads": {"queue": "ingest"},
    "providers.imports.tasks.run": {"queue": "long"},
    "nutrition.tasks.recognize_meal": {"queue": "vision"},
    "accounts.webhooks.tasks.deliver": {"queue": "webhooks"},
    "accounts.webhooks.tasks.sweep": {"queue": "webhooks"},
}

SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep payloads": {
        "task": "providers.payloads.tasks.sweep_payloads",
        "schedule": 10.0,
        "options": {"queue": "ingest", "expires": 10},
    },
    "sweep due days": {
        "task": "healthdata.tasks.sweep_due_days",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 30},
    },
    "tell changed summaries": {
        "task": "healthdata.tasks.emit_summary_updates",
        "schedule": 15.0,
        "options": {"queue": "default", "expires": 15},
    },
    "sweep imports": {
        "task": "providers.imports.tasks.sweep",
        "schedule": 10.0,
        "options": {"queue": "default", "expires": 10},
    },
    "prune payloads": {
        "task": "providers.payloads.tasks.prune_payloads",
        "schedule": crontab(hour="3", minute="10"),
        "options": {"queue": "default"},
    },
    "prune imports": {
        "task": "providers.imports.tasks.prune",
        "schedule": crontab(hour="3", minute="20"),
        "options": {"queue": "default"},
    },
    "open periodic syncs": {
        "task": "providers.pull.tasks.open_periodic",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 30},
    },
    "sweep vendor clouds": {
        "task": "providers.pull.tasks.sweep",
        "schedule": 10.0,
        "options": {"queue": "default", "expires": 10},
    },
    "keep vendor subscriptions": {
        "task": "providers.pull.tasks.maintain_subscriptions",
        "schedule": 60.0,
        "options": {"queue": "default", "expires": 60},
    },
    "prune runs and states": {
        "task": "providers.pull.tasks.prune",
        "schedule": crontab(hour="3", minute="55"),
        "options": {"queue": "default"},
    },
    "sweep photos": {
        "task": "nutrition.tasks.sweep",
        "schedule": 10.0,
        "options": {"queue": "vision", "expires": 10},
    },
    "prune changes": {
        "task": "healthdata.tasks.prune_changes",
        "schedule": crontab(hour="4", minute="5"),
        "options": {"queue": "default"},
    },
    "prune photos": {
        "task": "nutrition.tasks.prune",
        "schedule": crontab(hour="3", minute="30"),
        "options": {"queue": "default"},
    },
    "prune accounts": {
        "task": "accounts.tasks.prune",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"queue": "default"},
    },
    "sweep billing events": {
        "task": "billing.tasks.sweep",
        "schedule": 15.0,
        "options": {"queue": "default", "expires": 15},
    },
    "look after subscriptions": {
        "task": "billing.tasks.look_after",
        "schedule": 600.0,
        "options": {"queue": "default", "expires": 600},
    },
    "reconcile payments": {
        "task": "billing.tasks.reconcile_all",
        "schedule": crontab(hour="2", minute="30"),
        "options": {"queue": "long"},
    },
    "remove leftovers": {
        "task": "accounts.tasks.remove_leftovers",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 30},
    },
    "collect calls": {
        "task": "accounts.tasks.collect_calls",
        "schedule": 60.0,
        "options": {"queue": "default", "expires": 60},
    },
    "roll up usage": {
        "task": "accounts.tasks.roll_up",
        "schedule": crontab(hour="0", minute="10"),
        "options": {"queue": "default"},
    },
    "sweep webhooks": {
        "task": "accounts.webhooks.tasks.sweep",
        "schedule": 5.0,
        "options": {"queue": "webhooks", "expires": 5},
    },
    "prune webhooks": {
        "task": "accounts.webhooks.tasks.prune",
        "schedule": crontab(hour="3", minute="25"),
        "options": {"queue": "default"},
    },
    "sync webhook catalogue": {
        "task": "accounts.webhooks.tasks.sync_catalogue",
        "schedule": 300.0,
        "options": {"queue": "default", "expires": 300},
    },
}


class PatientQoS(redis_transport.QoS):
    """Kombu's, for a broker that does not answer in time.

    What could not be acknowledged stays counted as being worked on, and with prefetch 1 the process never takes
    another. Here its place is free in any case; the message comes again after the visibility timeout, which is
    harmless, since rows and not messages say what is to be done.
    """

    def ack(self, delivery_tag: Any) -> None:
        """Acknowledge."""
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        """Give back, or drop."""
        try:
            super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]
        finally:
            virtual.QoS.ack(self, delivery_tag)


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
    for name in ("sweep payloads", "sweep imports", "sweep vendor clouds", "sweep photos"):
        SCHEDULE[name]["schedule"] = float(settings.SWEEP_SECONDS)
        SCHEDULE[name]["options"]["expires"] = settings.SWEEP_SECONDS


@task_prerun.connect
def drop_stale_connections(**_: Any) -> None:
    """Connections outlive tasks; this one drops those that a restarted database has left dead."""
    close_old_connections()


@setup_logging.connect
def log_like_django(**_: Any) -> None:
    """Keeps Celery from installing handlers of its own beside those of the settings."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
