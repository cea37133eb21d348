"""Periodic tasks run once at a time."""

import psycopg
import pytest
from django.db import connection

from wearlink.celery import QUEUES, ROUTES, SCHEDULE, app
from wearlink.lib.work import periodic

runs: list[str] = []


@periodic.alone
def sweep() -> None:
    runs.append("swept")


@periodic.alone
def stumble() -> None:
    raise ZeroDivisionError


def holders() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [periodic.NAMESPACE],
        )
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_task_runs_and_gives_its_lock_back_even_when_it_fails() -> None:
    runs.clear()
    sweep()
    with pytest.raises(ZeroDivisionError):
        stumble()
    assert (runs, holders()) == (["swept"], 0)


@pytest.mark.django_db
def test_a_task_that_runs_elsewhere_is_skipped() -> None:
    runs.clear()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        key = periodic.lock_key(sweep)
        other.execute("SELECT pg_advisory_lock(%s, %s)", [periodic.NAMESPACE, key])
        sweep()
        assert runs == []
        other.execute("SELECT pg_advisory_unlock(%s, %s)", [periodic.NAMESPACE, key])
    sweep()
    assert runs == ["swept"]


def test_every_scheduled_task_exists_and_goes_to_a_queue_that_a_worker_reads() -> None:
    app.loader.import_default_modules()
    for entry in SCHEDULE.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["queue"] in QUEUES


def test_no_task_has_a_soft_limit_over_its_hard_one_or_outlives_the_visibility_timeout() -> None:
    app.loader.import_default_modules()
    app.finalize()
    visible = app.conf.broker_transport_options["visibility_timeout"]
    assert set(ROUTES) <= set(app.tasks)
    for name, task in app.tasks.items():
        hard = task.time_limit or app.conf.task_time_limit
        soft = task.soft_time_limit or app.conf.task_soft_time_limit or hard
        assert soft <= hard < visible, name
