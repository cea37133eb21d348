"""Liveness, readiness and metrics."""

import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from providers.models import Payload
from tests import factories
from wearlink.lib import clock
from wearlink.lib.storage import Directory

OLDEST = "wearlink_payloads_oldest_due_seconds"

pytestmark = pytest.mark.django_db


def test_a_living_process_answers_healthz(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readyz_names_the_state_of_each_part(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"] == {"database": "ok", "broker": "ok", "objects": "ok", "migrations": "ok"}


def test_readyz_answers_503_when_the_broker_is_gone(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["broker"] == "unreachable"
    assert answer.json()["parts"]["database"] == "ok"


def test_readyz_answers_503_when_a_migration_is_not_applied(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"] == "1 not applied"


@pytest.mark.django_db
def test_readyz_answers_503_while_the_disk_of_the_objects_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/readyz").json()["parts"]["objects"] == "ok"
    monkeypatch.setattr(sys.modules[Directory.__module__], "MIN_FREE_BYTES", 2**62)  # no disk has that much left
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["objects"] == "unreachable"


@pytest.mark.django_db
def test_how_long_the_oldest_upload_waits_is_told() -> None:
    jane = factories.end_user(factories.alice().organization)
    assert Client().get("/readyz").json()["oldest_due_seconds"] == 0
    body = {"provider": "apple", "sdkVersion": "1", "syncTimestamp": "2026-03-01T08:00:00Z", "data": {}}
    answer = factories.sdk_client(jane).post(f"/api/v1/sdk/users/{jane.id}/sync", body, format="json")
    assert answer.status_code == 202
    Payload.objects.update(due_at=clock.now() - timedelta(seconds=90))
    assert 90 <= Client().get("/readyz").json()["oldest_due_seconds"] < 120
    (line,) = [one for one in Client().get("/metrics").content.decode().splitlines() if one.startswith(OLDEST)]
    assert 90 <= float(line.split()[1]) < 120
