"""Rules for all vendors' clouds: they are listed, can be connected, and together cover what is promised."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import EndUser
from healthdata.ingest import ingest
from healthdata.models import Workout
from healthdata.records import SourceInfo, WorkoutRecord
from providers import coverage, registry
from providers.connections import connect
from providers.simulator.world import SimulatedWorld, settings_at
from providers.vendor_api import credentials
from tests import factories
from tests.providers import sync_bodies

#: the clouds that the documentation names, and the one that goes on for Fitbit
PROMISED = {"fitbit", "garmin", "google_health", "oura", "polar", "strava", "whoop"}
RUN = ("2026-04-15T06:00:00Z", "2026-04-15T06:40:00Z")


def clouds() -> list[str]:
    return [provider.slug for provider in credentials.all_clouds()]


@pytest.fixture
def configured(settings: Any) -> None:
    """The platform has an app at every vendor."""
    settings.PROVIDERS = settings_at("http://127.0.0.1:9")


def test_the_promised_clouds_are_there_and_each_has_a_simulated_side() -> None:
    assert set(clouds()) == PROMISED
    assert set(SimulatedWorld().vendors) == PROMISED


def test_together_they_cover_at_least_120_series() -> None:
    table = coverage.coverage_table()
    by_clouds = [one for one in table["series"] if PROMISED & set(one["providers"])]
    assert len(by_clouds) >= 120
    assert len(table["series"]) >= 180


def test_every_cloud_tells_what_it_covers() -> None:
    for slug in clouds():
        found = registry.get(slug).coverage
        assert len(found.series) >= 10
        assert len(found.workout_types) >= 30


@pytest.mark.django_db
@pytest.mark.usefixtures("configured")
def test_all_are_listed_with_what_they_can_and_need(jane: EndUser) -> None:
    rows = factories.key_client(jane.organization).get("/api/v1/providers").json()["data"]
    listed = {row["slug"]: row for row in rows if row["kind"] == "cloud"}
    assert set(listed) == PROMISED
    for row in listed.values():
        assert row["is_configured"]
        assert row["auth"] == "oauth2"
        assert "push" in row["supports"]
        assert row["coverage"]["series"]
        assert row["notes"]
    assert "restricted" in listed["google_health"]["notes"]
    assert "410" in listed["fitbit"]["notes"]


@pytest.mark.django_db
@pytest.mark.usefixtures("configured")
def test_all_can_be_connected_from_our_page_and_have_a_mark(jane: EndUser) -> None:
    link = urlsplit(connect.create_link(jane, jane.organization, "").url).path
    page = Client().get(link).content.decode()
    for slug in clouds():
        assert registry.get(slug).name in page
        assert f"{link}/start/{slug}" in page
        assert b"<svg" in Client().get(f"/connect/logos/{slug}.svg").content


@pytest.mark.django_db
@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("slug", sorted(PROMISED))
def test_each_sends_the_end_user_to_its_vendor(jane: EndUser, slug: str) -> None:
    asked = factories.key_client(jane.organization).get(
        f"/api/v1/providers/{slug}/authorize", {"user_id": str(jane.id)}
    )
    away = Client().get(urlsplit(asked.json()["authorization_url"]).path)["Location"]
    assert away.startswith(f"http://127.0.0.1:9/{slug}/oauth/authorize?")
    assert "state=" in away


def by_google(source: dict[str, Any], name: str) -> list[Any]:
    interval = {"startTime": RUN[0], "startUtcOffset": "0s", "endTime": RUN[1], "endUtcOffset": "0s"}
    run = {"interval": interval, "exerciseType": "RUNNING", "metricsSummary": {"distanceMillimeters": 7_000_000}}
    point = {"name": f"users/1/dataTypes/exercise/dataPoints/{name}", "dataSource": source, "exercise": run}
    return sync_bodies.normalise(json.dumps({"dataPoints": [point]}).encode(), "google_health", kind="exercise")


def by_fitbit() -> list[Any]:
    """Return workouts of an app that writes to Fitbit."""
    workout = {"activityName": "Run", "startTime": RUN[0], "duration": 2_400_000, "logId": 77, "distance": 7.0}
    workout["source"] = {"id": "23XY", "name": "Example Runs", "type": "app"}
    document = {"timezone": "UTC", "days": ["2026-04-15", "2026-04-15"], "answer": {"activities": [workout]}}
    found = sync_bodies.normalise(json.dumps(document).encode(), "fitbit", kind="exercise")
    return [one for one in found if isinstance(one, WorkoutRecord)]


@pytest.mark.django_db
def test_vendors_copies_of_another_vendors_workout_are_marked_and_counted_once(jane: EndUser) -> None:
    band = {"platform": "FITBIT", "device": {"displayName": "Inspire 3", "formFactor": "FITNESS_BAND"}}
    copied = {"platform": "HEALTH_CONNECT", "application": {"packageName": "com.example.runs"}}
    (own,) = by_google(band, "1")
    start, end = own.start, own.end
    strava = WorkoutRecord(
        SourceInfo("strava", name="Strava"), "running", start, end, external_id="9", distance_meters=7_010.0,
        details={"upload_external_id": "garmin_ping_18273645"},
    )  # fmt: skip
    watch = SourceInfo("garmin", name="Fenix 7", device_type="watch")
    garmin = WorkoutRecord(watch, "running", start, end, external_id="18273645", distance_meters=7_000.0)
    ingest(jane.key, [[own], by_google(copied, "2"), by_fitbit(), [strava], [garmin]])
    rows = Workout.objects.filter(user_key=jane.key)
    primary = rows.get(same_as=None)
    assert (rows.count(), primary.source.provider) == (5, "garmin")
    assert {*rows.exclude(pk=primary.pk).values_list("same_as", flat=True)} == {primary.id}
    shown = factories.key_client(jane.organization).get(
        f"/api/v1/users/{jane.id}/events/workouts",
        {"start_date": "2026-04-15", "end_date": "2026-04-15", "primary": "true"},
    )
    assert [row["distance_meters"] for row in shown.json()["data"]] == [7_000.0]
