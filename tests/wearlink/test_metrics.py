"""Prometheus metrics."""

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings

from wearlink.lib.monitoring import gauges

pytestmark = pytest.mark.django_db


def test_requests_and_queue_depths_are_there(client: Client) -> None:
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert "django_http_requests_total_by_method_total" in text
    assert 'wearlink_queue_depth{queue="ingest"}' in text


def test_a_registered_gauge_is_read_at_the_scrape_and_a_failing_one_left_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> float:
        raise DatabaseError

    monkeypatch.setattr(gauges, "_gauges", {})
    gauges.register("wearlink_test_due", "Due.", lambda: 7)
    gauges.register("wearlink_test_broken", "Broken.", broken)
    text = client.get("/metrics").content.decode()
    assert "wearlink_test_due 7.0" in text
    assert "wearlink_test_broken" not in text


def test_a_token_is_asked_for_where_one_is_set(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "scrape"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer scrape"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer é"}).status_code == 401


def test_metrics_still_come_when_the_broker_is_gone(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert b"wearlink_queue_depth{" not in answer.content
