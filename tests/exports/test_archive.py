"""An export's content: everything the API shows, line by line, and what the manifest states of it."""

import csv
import hashlib
import io
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.exports import contract
from accounts.exports.models import DataExport
from accounts.models import EndUser
from healthdata.catalogue import SERIES
from healthdata.models import Source
from nutrition.models import MealImage
from tests.exports.conftest import DownloadedArchive, exported
from tests.exports.full_life import reads
from wearlink.lib import storage


def shown_by_api(jane: EndUser) -> dict[str, Any]:
    return reads(jane)


def test_the_manifest_tells_every_member_with_lines_bytes_and_digest(archive: DownloadedArchive) -> None:
    assert archive.zip.testzip() is None
    manifest = archive.manifest
    assert manifest["schema_version"] == 1
    names = set(archive.zip.namelist())
    assert {one["path"] for one in manifest["members"]} == names - {"manifest.json"}
    for one in manifest["members"]:
        data = archive.zip.read(one["path"])
        assert (one["bytes"], one["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        if one["path"].endswith(".ndjson"):
            assert one["lines"] == data.count(b"\n") > 0, one["path"]


def test_the_readme_tells_people_what_each_file_is(archive: DownloadedArchive) -> None:
    text = archive.zip.read("README.txt").decode()
    assert all(part.holds in text for part in contract.parts())


def test_every_sample_is_the_object_of_the_api_with_nothing_left_out(client: APIClient, jane: EndUser) -> None:
    Source.objects.update(is_hidden=False)  # what is hidden the API does not show
    archive = exported(client, jane)
    found = [line for path in archive.zip.namelist() if path.startswith("samples/") for line in archive.lines(path)]
    shown = shown_by_api(jane)["timeseries"]
    assert shown["pagination"]["total_count"] == len(found) > 990
    by_id = {one["id"]: one for one in found}
    assert len(by_id) == len(found)
    assert all(by_id[one["id"]] == one for one in shown["data"])
    assert {one["grain"] for one in found} == {"instant", "interval", "daily"}


def test_samples_of_hidden_sources_are_exported_all_the_same(archive: DownloadedArchive) -> None:
    grains = {(one["grain"], one["source"]["provider"]) for one in archive.lines("samples/steps.ndjson")}
    assert grains == {("interval", "apple"), ("daily", "oura")}


def test_events_scores_figures_and_sources_are_the_objects_of_the_api(
    archive: DownloadedArchive, jane: EndUser
) -> None:
    shown = shown_by_api(jane)
    workouts = [one for name, one in shown.items() if name.startswith("workouts ")]
    assert archive.lines("workouts.ndjson") == workouts
    assert workouts[0]["samples"]
    assert archive.lines("sleep.ndjson") == [one for name, one in shown.items() if name.startswith("sleep ")]
    assert archive.lines("health_scores.ndjson") == shown["scores"]["data"]
    assert archive.lines("activity_days.ndjson") == shown["activity"]["data"]
    assert archive.lines("activity_days.ndjson")[0]["figures"]
    assert archive.lines("sources.ndjson") == shown["sources"]["data"]


def test_profile_and_connections_are_the_objects_of_the_api(
    archive: DownloadedArchive, client: APIClient, jane: EndUser
) -> None:
    assert archive.lines("profile.ndjson") == [client.get(f"/api/v1/users/{jane.id}").json()]
    assert archive.lines("connections.ndjson") == client.get(f"/api/v1/users/{jane.id}/connections").json()
    assert archive.lines("time_zones.ndjson") == [{"valid_from": "1970-01-01T00:00:00Z", "time_zone": "Europe/Paris"}]


def test_meals_come_with_their_photos_and_deleted_ones_too(archive: DownloadedArchive, jane: EndUser) -> None:
    logs = archive.lines("nutrition/logs.ndjson")
    assert [one for one in logs if one["status"] != "discarded"] == shown_by_api(jane)["meals"]["data"]
    assert {one["status"] for one in logs} == {"manual", "pending", "discarded"}
    image = MealImage.objects.get()
    assert archive.zip.read(f"nutrition/photos/{image.log.id}.jpeg") == storage.get(image.s3_key)


def test_stages_are_there_as_the_sources_told_them(archive: DownloadedArchive) -> None:
    stages = archive.lines("sleep_stages.ndjson")
    assert {one["stage"] for one in stages} == {"in_bed", "light", "deep", "awake", "rem", "sleeping"}
    assert [one["is_nap"] for one in stages if one["stage"] == "sleeping"] == [True]


def test_csv_holds_the_same_samples_under_named_columns(
    client: APIClient, jane: EndUser, archive: DownloadedArchive
) -> None:
    table = exported(client, jane, "?format=csv")
    for path in [path for path in archive.zip.namelist() if path.startswith("samples/")]:
        text = table.zip.read(path.replace(".ndjson", ".csv")).decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [(row["id"], row["timestamp"], float(row["value"])) for row in rows] == [
            (one["id"], one["timestamp"], one["value"]) for one in archive.lines(path)
        ]
    assert {row["device"] for row in csv.DictReader(io.StringIO(table.zip.read("samples/steps.csv").decode()))} == {
        "'=HYPERLINK(\"x\")", "Oura Ring Gen3"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "present", "absent"),
    [
        ("?types=workouts,profile", {"workouts.ndjson", "profile.ndjson"}, {"sleep.ndjson", "samples/steps.ndjson"}),
        ("?types=heart_rate", {"samples/heart_rate.ndjson"}, {"samples/steps.ndjson", "workouts.ndjson"}),
        ("?types=steps,sleep", {"samples/steps.ndjson", "sleep.ndjson"}, {"samples/heart_rate.ndjson"}),
        ("?types=samples&types=heart_rate", {"samples/steps.ndjson", "samples/heart_rate.ndjson"}, {"sleep.ndjson"}),
    ],
)
def test_types_name_parts_or_series(
    client: APIClient, jane: EndUser, query: str, present: set[str], absent: set[str]
) -> None:
    names = set(exported(client, jane, query).zip.namelist())
    assert present <= names
    assert not absent & names


def test_a_range_is_of_local_days_with_both_ends(client: APIClient, jane: EndUser) -> None:
    archive = exported(client, jane, "?start_date=2026-04-15&end_date=2026-04-15")
    times = [one["timestamp"] for one in archive.lines("samples/heart_rate.ndjson")]
    assert min(times) == "2026-04-14T22:00:00Z"  # midnight in Paris
    assert max(times) == "2026-04-15T20:05:00Z"
    assert [one["grain"] for one in archive.lines("samples/steps.ndjson")].count("daily") == 1
    assert not [path for path in archive.zip.namelist() if "resting" in path and archive.lines(path)]
    assert [one["date"] for one in archive.lines("activity_days.ndjson")] == ["2026-04-15"]
    assert len(archive.lines("workouts.ndjson")) == 1
    early = exported(client, jane, "?end_date=2026-04-13")
    assert early.lines("workouts.ndjson") == early.lines("sleep.ndjson") == early.lines("nutrition/logs.ndjson") == []


def test_a_very_long_series_has_a_file_a_year(
    client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("healthdata.exports.samples.MAX_LINES", 500)
    archive = exported(client, jane)
    assert len(archive.lines("samples/heart_rate-2026.ndjson")) == 930
    assert "samples/steps.ndjson" in archive.zip.namelist()


def test_no_type_of_data_is_called_as_a_series_is() -> None:
    names = {part.name for part in contract.parts()}
    assert names == {
        "profile", "connections", "sources", "samples", "workouts", "sleep", "health_scores", "summaries", "nutrition"
    }  # fmt: skip
    assert not names & set(SERIES)


def test_an_account_without_data_gives_an_archive_all_the_same(client: APIClient, jane: EndUser) -> None:
    june = client.post("/api/v1/users", {}, format="json").json()["id"]
    archive = exported(client, EndUser.objects.get(id=june))
    assert archive.lines("workouts.ndjson") == []
    assert DataExport.objects.get(user_id=june).size_bytes == len(archive.data)
    assert json.loads(archive.zip.read("manifest.json"))["user_id"] == june
