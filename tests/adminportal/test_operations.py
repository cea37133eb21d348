"""The audit trail over all tenants, the state of the platform, and scheduled tasks."""

from typing import Any

import pytest
from django.db import connection
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from rest_framework.test import APIClient

from accounts import audit
from accounts.models import AuditEntry, Developer
from adminportal.platform import chain_check
from tests import factories
from wearlink.lib import clock
from wearlink.lib.work import job_runs, task_queue

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/admin"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Tasks that went to the broker, with their queues."""
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(task_queue, "enqueue", lambda task, queue="default": sent.append((task, queue)))
    return sent


@pytest.fixture
def schedule() -> list[PeriodicTask]:
    """Two jobs, one of them switched off."""
    often = IntervalSchedule.objects.create(every=10, period="seconds")
    nightly = CrontabSchedule.objects.create(minute="10", hour="3", timezone="UTC")
    return [
        PeriodicTask.objects.create(name="sweep it", task="acme.sweep", interval=often, queue="ingest"),
        PeriodicTask.objects.create(name="prune it", task="acme.prune", crontab=nightly, enabled=False),
    ]


def test_acts_are_found_by_action_prefix_time_tenant_and_id(admins: APIClient, alice: Developer) -> None:
    factories.dashboard_client(alice).post("/api/v1/developer/api-keys", {"name": "Key"}, format="json")
    factories.dashboard_client(factories.charlie()).post("/api/v1/developer/api-keys", {"name": "Key"}, format="json")
    moment = clock.rfc3339(clock.now_ms() + 1)

    def found(query: str) -> list[str]:
        return [one["action"] for one in admins.get(f"{ROOT}/audit?{query}").json()["data"]]

    assert found("action=api_key.created") == ["api_key.created"] * 2
    assert found("prefix=api_key.") == ["api_key.created"] * 2
    assert found(f"prefix=api_key.&organization_id={alice.organization_id}") == ["api_key.created"]
    assert found(f"q={alice.pk}") == ["api_key.created"]
    assert found(f"since={moment}") == []
    assert len(found(f"until={moment}")) == AuditEntry.objects.count()
    assert admins.get(f"{ROOT}/audit?since=yesterday").json()["errors"][0]["field"] == "since"


def test_chains_are_checked_in_rounds_and_a_broken_one_is_named(admin: Developer, alice: Developer) -> None:
    for organization in (alice.organization, None):
        audit.record("job.run", actor=audit.SYSTEM, organization=organization)
    first = chain_check.check(admin, seconds=0)
    assert (first.checked, first.chains, first.is_whole) == (1, 2, True)
    assert chain_check.check(admin).checked == 2
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE accounts_auditentry SET data = '{\"x\": 1}' WHERE organization_id IS NOT NULL")
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER USER")
    found = chain_check.check(admin)
    assert not found.is_whole
    assert found.broken[0].startswith(f"{alice.organization_id}: entry ")
    assert chain_check.last() == found


def test_the_state_of_every_part_is_shown(admins: APIClient) -> None:
    shown = admins.get(f"{ROOT}/system/health").json()
    assert shown["database"]["size_bytes"] > 1_000_000
    assert "accounts_developer" in {one["name"] for one in shown["database"]["tables"]} or shown["database"]["tables"]
    assert shown["redis"]["used_memory_bytes"] > 100_000
    assert set(shown["queues"]) == {"ingest", "default", "webhooks", "vision", "long", "pull"}
    assert shown["object_store"] == {"kind": "directory", "reachable": True}
    assert shown["figures"]["payloads_dead"] == 0
    assert (shown["status"], shown["parts"]["beat"], shown["parts"]["database"]) == ("degraded", "late", "ok")


def test_a_broker_that_is_away_is_named_and_hides_nothing(admins: APIClient, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    shown = admins.get(f"{ROOT}/system/health").json()
    assert (shown["status"], shown["parts"]["broker"], shown["redis"], shown["queues"]) == (
        "degraded", "unreachable", None, {},
    )  # fmt: skip
    assert shown["database"]["size_bytes"] > 1_000_000


def test_jobs_tell_their_last_run_and_the_next(admins: APIClient, schedule: list[PeriodicTask]) -> None:
    job_runs.begin("run-1")
    job_runs.end("acme.sweep", "run-1", "SUCCESS")
    off, on = admins.get(f"{ROOT}/jobs").json()["data"]
    assert (off["name"], off["enabled"], off["next_run_at"], off["last_outcome"]) == ("prune it", False, None, None)
    assert (on["name"], on["queue"], on["last_outcome"], on["schedule"]) == (
        "sweep it", "ingest", "SUCCESS", "every 10 seconds",
    )  # fmt: skip
    last, following = (clock.parse_rfc3339(on[name])[0] for name in ("last_run_at", "next_run_at"))
    assert 0 <= clock.now_ms() - last < 60_000
    assert 0 < following - last <= 60_000
    assert on["last_duration_seconds"] >= 0
    assert admins.get(f"{ROOT}/system/health").json()["parts"]["beat"] == "ok"


def test_a_job_is_run_at_once_and_the_act_is_audited(
    admins: APIClient, admin: Developer, schedule: list[PeriodicTask], sent: list[tuple[str, str]]
) -> None:
    answer = admins.post(f"{ROOT}/jobs/sweep it/run")
    assert (answer.status_code, answer.json()["task"]) == (202, "acme.sweep")
    assert sent == [("acme.sweep", "ingest")]
    (act,) = AuditEntry.objects.filter(action="job.run")
    assert (act.actor_id, act.target_id, act.data) == (str(admin.pk), "sweep it", {"task": "acme.sweep"})
    switched_off = admins.post(f"{ROOT}/jobs/prune it/run")
    assert (switched_off.status_code, switched_off.json()["code"]) == (409, "job_disabled")
    assert admins.post(f"{ROOT}/jobs/no such job/run").status_code == 404
    assert len(sent) == 1


def test_every_list_of_the_platform_is_searched_by_q(admins: APIClient) -> None:
    factories.organization("Quiet Steps")
    banners = "/api/v1/admin/announcements"
    for title in ("Maintenance on Sunday", "A new provider"):
        assert admins.post(f"{banners}/publish", {"severity": "info", "title": title}).status_code == 201
    found = admins.get(f"{banners}/history?q=sunday").json()["data"]
    assert [one["title"] for one in found] == ["Maintenance on Sunday"]
    jobs = admins.get("/api/v1/admin/jobs?q=PRUNE&limit=200").json()["data"]
    assert {one["name"].split()[0] for one in jobs} <= {"prune"}
    assert admins.get("/api/v1/admin/nutrition/review/queue?q=nobody").json()["data"] == []
