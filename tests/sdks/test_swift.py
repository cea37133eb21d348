"""The Swift SDK: the server takes what it writes, item by item. With a Swift compiler its own tests run too."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from accounts.authentication import sdk_token
from accounts.models import EndUser
from providers.payloads.process import drain
from tests import factories
from tests.sdks import swift_syntax

SDK = Path(__file__).parents[2] / "sdks" / "swift"
FIXTURES = SDK / "Tests" / "WearLinkCoreTests" / "Fixtures"
TIMEOUT_SECONDS = 580  # seconds: a first build on a machine that does other things besides
DAY = {"start_time": "2026-04-14T12:00:00Z", "end_time": "2026-04-17T00:00:00Z"}


@pytest.fixture
def jane(db: None) -> EndUser:
    """An end user in Paris, whose phone runs the SDK."""
    return factories.end_user(factories.alice().organization, email="jane@example.com", time_zone="Europe/Paris")


def upload(jane: EndUser, name: str) -> dict[str, Any]:
    """Return what became of a fixture."""
    phone, path = factories.sdk_client(jane), f"/api/v1/sdk/users/{jane.id}/sync"
    answer = phone.post(path, data=(FIXTURES / f"{name}.json").read_bytes(), content_type="application/json")
    assert answer.status_code == 202, answer.content
    drain(jane.key)
    became: dict[str, Any] = phone.get(f"{path}/{answer.json()['batch_id']}").json()
    return became


def readings(jane: EndUser, *series: str) -> dict[str, list[float]]:
    client = factories.key_client(jane.organization)
    query = {**DAY, "types": ",".join(series)}
    page = client.get(f"/api/v1/users/{jane.id}/timeseries", query).json()["data"]
    return {name: [row["value"] for row in page if row["series_type"] == name] for name in series}


def test_every_type_that_a_phone_reads_is_taken_in_the_unit_it_is_sent_in(jane: EndUser) -> None:
    sent = json.loads((FIXTURES / "every_type.json").read_text())["data"]["records"]
    became = upload(jane, "every_type")
    assert (became["status"], became["rejected"]) == ("done", {})
    assert (became["items"], became["inserted"]) == (len(sent), len(sent))
    assert readings(jane, "heart_rate", "spo2", "body_fat_percentage", "height", "vo2_max", "hydration", "weight") == {
        "heart_rate": [60],
        "spo2": [20],
        "body_fat_percentage": [20],
        "height": [125],
        "vo2_max": [45],
        "hydration": [300],
        "weight": [70.4],
    }


def test_a_night_and_a_run_are_read_as_they_were(jane: EndUser) -> None:
    became = upload(jane, "night_and_run")
    assert (became["status"], became["rejected"], became["items"]) == ("done", {}, 8)
    client, days = factories.key_client(jane.organization), {"start_date": "2026-04-14", "end_date": "2026-04-16"}
    (night,) = client.get(f"/api/v1/users/{jane.id}/events/sleep", days).json()["data"]
    assert night["source"]["device"] == "Apple Watch"
    (run,) = client.get(f"/api/v1/users/{jane.id}/events/workouts", days).json()["data"]
    assert run["type"] == "treadmill_running"
    assert (run["distance_meters"], run["calories_kcal"], run["avg_heart_rate_bpm"]) == (5200, 342, 145)
    assert readings(jane, "weight") == {"weight": [70.4]}


@pytest.mark.slow
@pytest.mark.swift
@pytest.mark.django_db(transaction=True)
def test_its_own_tests_pass_and_reach_our_server(live_server: Any, tmp_path: Path) -> None:
    jane = factories.end_user(factories.alice().organization, email="jane@example.com", time_zone="Europe/Paris")
    shutil.copytree(SDK, tmp_path / "swift", ignore=shutil.ignore_patterns(".build"))
    token = sdk_token(jane)
    given = {"WEARLINK_URL": live_server.url, "WEARLINK_USER": str(jane.id), "WEARLINK_TOKEN": token}
    done = subprocess.run(
        ("swift", "test"),
        cwd=tmp_path / "swift",
        env={**os.environ, **given},
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-8000:]
    drain(jane.key)
    client = factories.key_client(jane.organization)
    days = {"start_date": "2026-04-14", "end_date": "2026-04-16"}
    assert len(client.get(f"/api/v1/users/{jane.id}/events/workouts", days).json()["data"]) == 1
    query = {**DAY, "types": "heart_rate", "limit": 1}
    assert client.get(f"/api/v1/users/{jane.id}/timeseries", query).json()["data"]


@pytest.mark.parametrize("source", sorted(SDK.rglob("*.swift")), ids=lambda one: one.stem)
def test_every_source_is_written_as_the_grammar_says(source: Path) -> None:
    assert swift_syntax.faults(source.read_text()) == []
