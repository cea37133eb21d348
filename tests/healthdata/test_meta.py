import pytest
from django.test import Client

from accounts import keys
from accounts.models import Organization
from healthdata import units, upload_names
from healthdata.catalogue import SERIES, WORKOUT_TYPES, workout_type
from healthdata.sleep import stage_name

PATHS = {"/api/v1/meta/series-types": len(SERIES), "/api/v1/meta/workout-types": len(WORKOUT_TYPES)}


@pytest.fixture
def alice(db) -> Client:
    """A server of Alice's organization."""
    organization = Organization.objects.create(name="Alice's clinic")
    key = keys.mint(organization=organization, name="server")
    return Client(headers={"X-WearLink-API-Key": key.secret})


@pytest.mark.parametrize(("path", "count"), PATHS.items())
def test_the_whole_catalogue_is_listed(alice, path, count):
    answer = alice.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert len(body["data"]) == count
    assert body["pagination"] == {"total_count": count, "has_more": False}
    assert len({one["code"] for one in body["data"]}) == count


def test_a_series_tells_its_unit_and_how_it_is_aggregated(alice):
    found = {one["code"]: one for one in alice.get("/api/v1/meta/series-types").json()["data"]}
    names, units = (found["heart_rate"].pop(f"upload_{what}") for what in ("types", "units"))
    assert {"HKQuantityTypeIdentifierHeartRate", "HEART_RATE"} <= set(names)
    assert {"count/min", "bpm"} <= set(units)
    assert found["heart_rate"] == {
        "code": "heart_rate",
        "unit": "bpm",
        "aggregation": "mean",
        "kind": "sample",
        "category": "heart",
        "group": "heart_rate",
        "same_start": "replace",
        "sensitive": False,
        "description": "Heart rate reading",
        "members": [],
    }
    umbrella = found["blood_pressure"]
    assert umbrella["members"] == ["blood_pressure_systolic", "blood_pressure_diastolic"]
    assert umbrella["group"] is None
    assert umbrella["same_start"] is None


def test_a_workout_type_tells_its_aliases(alice):
    found = {one["code"]: one for one in alice.get("/api/v1/meta/workout-types").json()["data"]}
    assert found["running"] == {
        "code": "running",
        "has_distance_and_pace": True,
        "healthkit_type": "HKWorkoutActivityTypeRunning",
        "aliases": ["run"],
    }


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_current_catalogue_is_told_so(alice, path):
    etag = alice.get(path)["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = alice.get(path, headers={"If-None-Match": known})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer["ETag"] == etag
    assert alice.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_it_takes_a_key_and_no_unknown_parameters(alice, path):
    assert Client().get(path).status_code == 401
    refused = alice.get(path, {"colour": "red"})
    assert refused.status_code == 400
    assert "colour" in refused.json()["detail"]


@pytest.mark.parametrize("path", PATHS)
def test_it_costs_one_query_at_most(alice, path, django_assert_max_num_queries):
    first = alice.get(path)
    with django_assert_max_num_queries(1):
        again = alice.get(path)
    assert again.json() == first.json()


def test_every_name_that_uploads_may_use_is_understood():
    """The lists of the schema and the catalogue are what the adapters really take."""
    from_schema = {name for names in upload_names.TYPES_OF_SERIES.values() for name in names}
    assert from_schema == set(upload_names.RECORD_TYPES)
    for code, units_taken in upload_names.UNITS_OF_SERIES.items():
        for unit in units_taken:
            assert units.plan(unit, code, "google") is not None
    assert all(stage_name(name) for name in upload_names.STAGES)
    assert all(workout_type(name, "google")[1] for name in upload_names.WORKOUTS)
