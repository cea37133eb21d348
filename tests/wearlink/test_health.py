"""Liveness, readiness and metrics."""

import sys

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from wearlink.lib.storage import Directory

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
    monkeypatch.setattr(sys.modules[Directory.__module__], "LEAST_ROOM", 2**62)  # no disk has that much left
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["objects"] == "unreachable"
