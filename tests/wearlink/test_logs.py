"""Logs: one JSON object a line, a request id, and nothing about people."""

import json
import logging
import sys

import pytest
from django.test import Client

from wearlink.lib.monitoring import logs, sentry

pytestmark = pytest.mark.django_db


def access_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    records = [record for record in caplog.records if record.name == "wearlink.access"]
    return [json.loads(logs.JsonFormatter().format(record)) for record in records]


def test_the_access_line_has_the_route_and_neither_path_nor_query(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "wearlink.access"):
        client.get("/api/v1/users/5f0c6c5e-0000-4000-8000-000000000000?search=alice@example.com")
    text = json.dumps(access_lines(caplog))
    assert "5f0c6c5e" not in text
    assert "alice" not in text
    line = access_lines(caplog)[0]
    assert line["method"] == "GET"
    assert str(line["route"]).startswith("api/v1/users/")
    assert isinstance(line["ms"], float)


def test_an_unknown_path_is_not_logged_either(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/alice@example.com")
    assert "alice" not in json.dumps(access_lines(caplog))
    for record in caplog.records:
        assert "alice" not in logs.JsonFormatter().format(record)


def test_probes_are_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "wearlink.access"):
        client.get("/healthz")
    assert access_lines(caplog) == []


def test_a_sane_request_id_is_kept_and_another_replaced(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abc-12345"})["X-Request-ID"] == "abc-12345"
    replaced = client.get("/healthz", headers={"X-Request-ID": 'x" onload='})["X-Request-ID"]
    assert len(replaced) == 32
    assert logs.request_id() == ""


def test_an_errors_message_stays_out_of_the_log() -> None:
    try:
        int("alice@example.com")
    except ValueError:
        record = logging.LogRecord("app", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    line = json.loads(logs.JsonFormatter().format(record))
    assert (line["error"], line["message"]) == ("ValueError", "failed")
    assert "alice" not in json.dumps(line)


def test_an_error_report_carries_no_data_of_people() -> None:
    event = {
        "request": {
            "url": "http://host/users/1",
            "data": {"email": "alice@example.com"},
            "query_string": "q=alice",
            "cookies": {"s": "alice"},
            "headers": {"Authorization": "alice", "User-Agent": "curl"},
        },
        "user": {"email": "alice@example.com"},
        "exception": {"values": [{"type": "ValueError", "value": "bad alice"}]},
    }
    scrubbed = sentry.scrub(event, {})
    assert "alice" not in json.dumps(scrubbed)
    assert scrubbed["request"]["headers"] == {"User-Agent": "curl"}


def test_a_failed_task_tells_its_name_and_nothing_of_its_data() -> None:
    task = {"name": "accounts.tasks.send_verification", "id": "abc", "exc": "Key (email)=(anna@example.com) exists"}
    record = logging.LogRecord(
        "celery.app.trace", logging.ERROR, "trace.py", 1, "Task %(name)s[%(id)s] raised: %(exc)s", (task,), None
    )
    record.data = {**task, "args": "('anna@example.com',)"}
    line = json.loads(logs.JsonFormatter().format(record))
    assert line["message"] == "Task accounts.tasks.send_verification[abc]: error"
    assert "anna" not in json.dumps(line)


def test_a_terminal_reads_text_with_what_happened_and_no_ones_data() -> None:
    record = logging.LogRecord("providers.circuit", logging.WARNING, "", 0, "Strava is left\nalone", None, None)
    record.data = {"provider": "strava"}
    line = logs.TextFormatter().format(record)
    assert line.endswith(" warning providers.circuit: Strava is left alone provider=strava")
    try:
        raise ValueError("Jane Doe, 41")
    except ValueError:
        record.exc_info = sys.exc_info()
    line = logs.TextFormatter().format(record)
    assert "[ValueError at test_logs.py:" in line
    assert "Jane" not in line
    assert "\n" not in line
