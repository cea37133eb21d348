"""A developer's acts on a whole end user: change, export, import, delete."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.deletion import erasing
from accounts.exports import jobs as export_jobs
from accounts.exports.models import DataExport
from accounts.models import Developer, EndUser, Erasure, Leftover
from healthdata.records import Sample
from healthdata.store import store
from providers.imports import jobs as import_jobs
from providers.models import ImportJob
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in
from tests.healthdata.reading import WATCH, at
from tests.providers import exports

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def objects(settings: Any, tmp_path: Path) -> Path:
    """An object store of this test alone."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    return tmp_path / "objects"


def page_of(jane: EndUser, name: str) -> str:
    return f"/dashboard/end-users/{jane.id}/{name}"


def test_a_profile_is_changed_as_the_api_would_and_a_zone_that_was_left_alone_is_not_told(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    form = {"first_name": "Janet", "email": "jane@example.com", "external_id": "", "time_zone": jane.time_zone}
    answer = browser_of_alice.post(page_of(jane, "profile"), form, follow=True)
    assert "Janet was changed." in text(answer)
    jane.refresh_from_db()
    assert (jane.first_name, jane.external_id, jane.zone_known) == ("Janet", None, False)
    browser_of_alice.post(page_of(jane, "profile"), {**form, "time_zone": "Asia/Kolkata"})
    jane.refresh_from_db()
    assert (jane.time_zone, jane.zone_known) == ("Asia/Kolkata", True)
    assert "Asia/Kolkata" in text(browser_of_alice.get(page_of(jane, "profile")))


def test_what_a_profile_may_not_hold_is_said_at_the_field(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any
) -> None:
    factories.end_user(alice.organization, email="mary@example.com")
    for form, field in (
        ({"time_zone": "Paris"}, "time_zone"),
        ({"time_zone": "UTC", "email": "MARY@example.com"}, "email"),
        ({"time_zone": "Asia/Kolkata", "valid_from": "2999-01-01T00:00"}, "valid_from"),
    ):
        answer = browser_of_alice.post(page_of(jane, "profile"), form)
        assert answer.status_code == 400
        assert f'id="error-{field}"' in text(answer), field
    jane.refresh_from_db()
    assert jane.email == "jane@example.com"


def test_deleting_asks_for_the_name_and_leads_to_a_receipt(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    page = page_of(jane, "delete")
    assert "cannot be undone" in text(browser_of_alice.get(page))
    refused = browser_of_alice.post(page, {"name": "Jan"})
    assert refused.status_code == 400
    assert "nothing was deleted" in text(refused)
    answer = browser_of_alice.post(page, {"name": "Jane"}, follow=True)
    assert "Jane is deleted" in text(answer)
    assert "Receipt" in text(answer)
    assert Erasure.objects.get().digest in text(answer)
    assert not EndUser.objects.filter(pk=jane.pk).exists()
    assert browser_of_alice.get(page).status_code == 404
    assert str(jane.id) in text(browser_of_alice.get("/dashboard/erasures"))


def test_a_deletion_that_goes_on_in_the_background_is_followed_until_it_ends(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("healthdata.erasure.LARGE", 0)
    store(jane.key, [[Sample(WATCH, "heart_rate", at("2026-04-15T08:00:00Z"), 61.0)]])
    answer = browser_of_alice.post(page_of(jane, "delete"), {"name": "Jane"}, follow=True)
    assert "queued" in text(answer)
    assert 'hx-trigger="every 4s"' in text(answer)
    assert "Receipt" not in text(answer)
    assert erasing.run_next()
    Leftover.objects.all().delete()
    erasing.finish_all()
    row = Erasure.objects.get()
    part = browser_of_alice.get(f"/dashboard/erasures/{row.id}", headers=PART)
    assert "<html" not in text(part)
    assert "Receipt" in text(part)
    assert "hx-trigger" not in text(part)
    assert signed_in(factories.charlie()).get(f"/dashboard/erasures/{row.id}").status_code == 404


def test_an_export_is_asked_for_made_and_downloaded_once(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    page = page_of(jane, "files")
    form = {"types": ["profile", "samples"], "format": "csv", "start_date": "2026-04-01", "once": "x1"}
    asked = browser_of_alice.post(f"{page}/export", form, follow=True)
    assert "The export is being made" in text(asked)
    assert 'hx-trigger="every 3s"' in text(asked)
    assert "asked for already" in text(browser_of_alice.post(f"{page}/export", form, follow=True))
    row = DataExport.objects.get()
    assert (row.options["types"], row.options["format"]) == (["profile", "samples"], "csv")
    assert export_jobs.run_next()
    part = browser_of_alice.get(page, headers=PART)
    assert "hx-trigger" not in text(part)
    (one,) = part.context["exports"]
    assert f'href="{one.href}"' in text(part)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(browser_of_alice.get(one.href).streaming_content)))
    assert "manifest.json" in archive.namelist()
    assert "downloaded" in text(browser_of_alice.get(page, headers=PART))


def test_a_small_export_is_answered_at_once_and_a_wrong_one_says_why(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    page = page_of(jane, "files")
    answer = browser_of_alice.post(f"{page}/export-now", {"types": ["profile"], "format": "ndjson"})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert b"jane@example.com" in archive.read(
        "profile.json" if "profile.json" in archive.namelist() else "profile.ndjson"
    )
    for form, words in (
        ({"types": ["profile"], "start_date": "2026-04-02", "end_date": "2026-04-01"}, "Is before start_date."),
        ({"series": "no_such_series"}, "no_such_series"),
        ({}, "Choose at least one type of data."),
    ):
        refused = browser_of_alice.post(f"{page}/export-now", {"format": "ndjson", **form})
        assert refused.status_code == 400
        assert words in text(refused)


def test_an_apple_export_is_taken_in_and_its_progress_told(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    page = page_of(jane, "files")
    file = SimpleUploadedFile("export.xml", exports.export(exports.heart_rates(40), exports.record(unit="furlong")))
    sent = browser_of_alice.post(f"{page}/import", {"file": file}, follow=True)
    assert "is being read" in text(sent)
    assert "queued" in text(sent)
    import_jobs.run(ImportJob.objects.get().job_id)
    part = browser_of_alice.get(page, headers=PART)
    (one,) = part.context["imports"]
    assert (one.row.inserted, one.refused, one.share) == (40, 1, 100)
    assert "unknown unit" in text(part)
    assert "hx-trigger" not in text(part)


def test_a_file_that_is_no_export_is_refused_with_words(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    page = page_of(jane, "files")
    for form, words in (
        ({"file": SimpleUploadedFile("cat.jpg", b"\xff\xd8\xff no export")}, "dash-flash-bad"),
        ({}, "Choose a file first"),
    ):
        assert words in text(browser_of_alice.post(f"{page}/import", form, follow=True))
    assert not ImportJob.objects.exists()
