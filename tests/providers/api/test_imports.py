"""POST …/import/apple/xml/direct and GET …/imports: what is taken, refused and shown."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import Developer, EndUser
from providers.imports import jobs as importing
from providers.imports import tasks, uploads
from providers.models import ImportJob
from tests import factories
from tests.providers.exports import export, fixture, heart_rates, receive, zipped
from wearlink.lib import clock, storage
from wearlink.lib.errors import NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The jobs for which a task was sent."""
    sent: list[uuid.UUID] = []
    monkeypatch.setattr(tasks, "enqueue", lambda job: sent.append(job.job_id))
    return sent


@pytest.fixture
def client(jane: EndUser, sent: list[uuid.UUID]) -> APIClient:
    return factories.key_client(jane.organization)


def direct(user: EndUser) -> str:
    return f"/api/v1/users/{user.id}/import/apple/xml/direct"


def upload(client: APIClient, user: EndUser, content: bytes, field: str = "file", name: str = "export.xml") -> Any:
    form = {field: SimpleUploadedFile(name, content)}
    return client.post(direct(user), form, format="multipart")


def fault(response: Any) -> tuple[int, str, str]:
    """Status, code and the one field at fault."""
    body = response.json()
    (error,) = body["errors"]
    return response.status_code, body["code"], error["field"]


@pytest.mark.parametrize("name", ["export_mini.xml", "export_es.zip"])
def test_an_export_is_stored_before_the_answer(
    client: APIClient, jane: EndUser, sent: list[uuid.UUID], name: str
) -> None:
    response = upload(client, jane, fixture(name), name=name)
    assert response.status_code == 202
    job = ImportJob.objects.get()
    identity = str(job.job_id)
    assert response.json() == {"id": identity, "job_id": identity, "status": "queued", "user_id": str(jane.id)}
    assert storage.get(job.object_key) == fixture(name)
    assert sent == [job.job_id]


def test_a_large_file_goes_by_the_disk(client: APIClient, jane: EndUser) -> None:
    content = export(heart_rates(10_000))
    assert len(content) > 3_000_000
    assert upload(client, jane, content).status_code == 202
    assert storage.get(ImportJob.objects.get().object_key) == content


def test_the_state_shows_progress_and_outcome(client: APIClient, jane: EndUser) -> None:
    job_id = upload(client, jane, fixture("export_dup_attr.xml")).json()["job_id"]
    url = f"/api/v1/users/{jane.id}/imports/{job_id}"
    waiting = client.get(url).json()
    assert (waiting["status"], waiting["records"], waiting["seconds_left"]) == ("queued", 0, None)
    assert (waiting["bytes_total"], waiting["started_at"], waiting["error"]) == (None, None, None)
    importing.run(uuid.UUID(job_id))
    done = client.get(url).json()
    assert (done["status"], done["records"], done["counts"]["heart_rate"]) == ("done_with_errors", 53, 2)
    assert done["records"] == done["inserted"] + done["updated"] + done["unchanged"]
    assert done["bytes_read"] == done["bytes_total"] == done["size_bytes"]
    assert done["records_per_second"] > 0
    assert done["seconds_left"] == 0
    assert done["rejected"]["unknown_unit:furlong"] == 1
    assert done["rejected_examples"][0] == {
        "collection": "records",
        "index": 27,
        "field": "type",
        "reason": "unknown_type:HKQuantityTypeIdentifierFromTheFuture",
    }
    assert done["warnings"] == [
        {"code": "err_attribute_redefined", "message": "The XML is not well-formed here.", "line": 121}
    ]
    moments = [clock.parse_rfc3339(done[key])[0] for key in ("created_at", "started_at", "finished_at")]
    assert moments == sorted(moments)
    assert done["finished_at"].endswith("Z")


def test_a_refused_file_says_why(client: APIClient, jane: EndUser) -> None:
    job_id = upload(client, jane, fixture("export_entity_bomb.xml")).json()["job_id"]
    importing.run(uuid.UUID(job_id))
    shown = client.get(f"/api/v1/users/{jane.id}/imports/{job_id}").json()
    assert (shown["status"], shown["error_code"], shown["records"]) == ("failed", "declarations", 0)
    assert "entities" in shown["error"]


@pytest.mark.parametrize("content", [b"%PDF-1.7 and more", b"{}", b"\x1f\x8b\x08\x00", b"Record,72"])
def test_content_that_is_neither_xml_nor_zip_is_a_bad_request(client: APIClient, jane: EndUser, content: bytes) -> None:
    assert fault(upload(client, jane, content)) == (400, "unsupported_file", "file")
    assert not ImportJob.objects.exists()


def test_an_empty_or_missing_file_is_a_bad_request_that_names_the_field(client: APIClient, jane: EndUser) -> None:
    assert fault(upload(client, jane, b"")) == (400, "empty_file", "file")
    assert fault(upload(client, jane, export(), field="archive")) == (400, "invalid_input", "file")
    assert fault(client.post(direct(jane), {"file": "export.xml"}, format="multipart")) == (
        400,
        "invalid_input",
        "file",
    )
    assert fault(client.post(direct(jane), {}, format="multipart")) == (400, "invalid_input", "file")


def test_other_content_types_and_broken_forms_are_refused(client: APIClient, jane: EndUser) -> None:
    assert client.post(direct(jane), {"file": "x"}, format="json").status_code == 415
    broken = client.post(direct(jane), b"not a form", content_type="multipart/form-data; boundary=x")
    assert broken.status_code == 400
    assert client.post(direct(jane), b"x", content_type="multipart/form-data").status_code == 400


def test_a_file_over_the_limit_is_413_whether_announced_or_not(client: APIClient, jane: EndUser, settings: Any) -> None:
    settings.IMPORT_MAX_UPLOAD_BYTES = 100_000
    for size in (100_001, 400_000):
        response = upload(client, jane, export(" " * size))
        assert (response.status_code, response.json()["code"]) == (413, "too_large")
    content = export(" " * 90_000)
    assert upload(client, jane, content + b" " * (100_000 - len(content))).status_code == 202
    assert ImportJob.objects.count() == 1


def test_the_documented_limit_is_50_mb(settings: Any) -> None:
    assert settings.IMPORT_MAX_UPLOAD_BYTES == 50 * 1024 * 1024


def test_too_many_waiting_imports_are_429(client: APIClient, jane: EndUser) -> None:
    for _ in range(uploads.MAX_BACKLOG):
        receive(jane, export())
    response = upload(client, jane, export())
    assert (response.status_code, response.json()["code"]) == (429, "backlog")
    assert int(response["Retry-After"]) > 0


def test_a_store_without_room_is_503_and_keeps_nothing(
    client: APIClient, jane: EndUser, tmp_path: Any, settings: Any
) -> None:
    blocked = tmp_path / "objects"
    blocked.write_text("a file where the directory should be")
    settings.OBJECTS_DIR = blocked
    assert upload(client, jane, export()).status_code == 503
    assert not ImportJob.objects.exists()


def test_a_disk_that_is_full_while_the_form_comes_is_503(
    client: APIClient, jane: EndUser, settings: Any, tmp_path: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "gone")
    assert upload(client, jane, export(heart_rates(10_000))).status_code == 503
    assert not ImportJob.objects.exists()


def test_a_person_erased_in_between_leaves_no_object(jane: EndUser, settings: Any, tmp_path: Path) -> None:
    settings.OBJECTS_DIR = tmp_path / "objects"  # of the shared one, an earlier test's end user had the same key
    EndUser.objects.filter(pk=jane.pk).delete()
    with pytest.raises(NotFound):
        receive(jane, export())
    assert (tmp_path / "objects").is_dir()
    assert not [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]


def test_imports_are_listed_newest_first(client: APIClient, jane: EndUser, django_assert_max_num_queries: Any) -> None:
    jobs = [receive(jane, export(heart_rates(n))) for n in range(5)]
    with django_assert_max_num_queries(6):
        first = client.get(f"/api/v1/users/{jane.id}/imports", {"limit": 2}).json()
    assert [row["job_id"] for row in first["data"]] == [str(job.job_id) for job in (jobs[4], jobs[3])]
    assert first["pagination"] == {"page": 1, "limit": 2, "total_count": 5, "total_pages": 3, "has_more": True}
    last = client.get(f"/api/v1/users/{jane.id}/imports", {"limit": 2, "page": 3}).json()
    assert [row["job_id"] for row in last["data"]] == [str(jobs[0].job_id)]
    assert client.get(f"/api/v1/users/{jane.id}/imports", {"sort": "x"}).status_code == 400


def test_who_may_call(jane: EndUser, sent: list[uuid.UUID]) -> None:
    job = receive(jane, export())
    urls = (f"/api/v1/users/{jane.id}/imports", f"/api/v1/users/{jane.id}/imports/{job.job_id}")
    dashboard = factories.dashboard_client(Developer.objects.get(organization=jane.organization))
    assert [dashboard.get(url).status_code for url in urls] == [200, 200]
    assert upload(dashboard, jane, zipped({"export.xml": export()})).status_code == 202
    for stranger in (factories.sdk_client(jane), APIClient()):
        assert [stranger.get(url).status_code for url in urls] == [401, 401]
        assert upload(stranger, jane, export()).status_code == 401


def test_another_tenant_finds_nothing(jane: EndUser, sent: list[uuid.UUID]) -> None:
    job = receive(jane, export())
    charlie = factories.charlie()
    theirs = factories.end_user(charlie.organization)
    client = factories.key_client(charlie)
    for url in (
        f"/api/v1/users/{jane.id}/imports",
        f"/api/v1/users/{jane.id}/imports/{job.job_id}",
        f"/api/v1/users/{theirs.id}/imports/{job.job_id}",
        f"/api/v1/users/{theirs.id}/imports/{uuid.uuid4()}",
        f"/api/v1/users/{theirs.id}/imports/nonsense",
    ):
        assert client.get(url).status_code == 404
    assert upload(client, jane, export()).status_code == 404
    assert ImportJob.objects.count() == 1
