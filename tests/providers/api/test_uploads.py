"""Links for large files: POST …/import/apple/xml/s3, the PUT, …/complete, on both stores."""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import audit, authentication, usage
from accounts.deletion import erasing, leftovers
from accounts.models import Developer, EndUser, Leftover
from accounts.webhooks.models import Message
from providers.imports import arrivals, jobs, tasks
from providers.models import ImportJob
from tests import factories, s3
from tests.providers.exports import export, heart_rates, receive, zipped
from tests.webhooks import making
from wearlink.lib import clock, storage
from wearlink.lib.web import signed_puts

pytestmark = pytest.mark.django_db
State = ImportJob.State


def encrypted(content: bytes) -> bytes:
    """Return it as if its first entry were."""
    changed = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        changed[content.index(mark) + place] |= 1
    return bytes(changed)


@pytest.fixture(scope="module")
def seaweed() -> Iterator[s3.S3]:
    with s3.server() as running:
        yield running


@pytest.fixture
def directory(settings: Settings, tmp_path: Any) -> None:
    settings.OBJECTS_DIR = tmp_path / "objects"


@pytest.fixture(params=["directory", pytest.param("bucket", marks=[pytest.mark.s3, pytest.mark.slow])])
def store(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Each test that takes this runs on both stores."""
    if request.param == "directory":
        request.getfixturevalue("directory")
    else:
        running: s3.S3 = request.getfixturevalue("seaweed")
        settings.S3_BUCKET, settings.S3_ENDPOINT_URL = running.bucket, running.endpoint
        settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = s3.ACCESS_KEY, s3.SECRET_KEY
    return str(request.param)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The jobs for which a task was sent."""
    sent: list[uuid.UUID] = []
    monkeypatch.setattr(tasks, "enqueue", lambda job: sent.append(job.job_id))
    return sent


@pytest.fixture
def client(jane: EndUser, sent: list[uuid.UUID]) -> APIClient:
    return factories.key_client(jane.organization)


def path(user: EndUser) -> str:
    return f"/api/v1/users/{user.id}/import/apple/xml/s3"


def link(client: APIClient, user: EndUser, **body: Any) -> dict[str, Any]:
    answer = client.post(path(user), body)
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    return found


def put(url: str, content: bytes) -> int:
    """Send a file by a link, as anybody would who has nothing else; the status."""
    if "/uploads/" in urlsplit(url).path and "X-Amz" not in url:
        return int(APIClient().generic("PUT", urlsplit(url).path, content, "application/zip").status_code)
    return requests.put(url, data=content, timeout=20).status_code


def complete(client: APIClient, user: EndUser, job_id: str) -> Any:
    return client.post(f"/api/v1/users/{user.id}/imports/{job_id}/complete")


def shown(client: APIClient, user: EndUser, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/users/{user.id}/imports/{job_id}").json()
    return found


def ids(answer: dict[str, Any]) -> dict[str, str]:
    """Both names of an import."""
    return dict.fromkeys(("id", "job_id"), answer["job_id"])


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"file_size_bytes": 220_000_000}, {"Content-Length": "220000000"}),
        ({"filename": "export.xml", "expiration_seconds": 300}, {}),
        ({}, {}),
        ({"filename": "../../etc/passwd", "file_size_bytes": 1}, {"Content-Length": "1"}),
    ],
)
def test_both_documented_bodies_get_the_union_of_the_answers(
    client: APIClient, jane: EndUser, store: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    before = clock.now()
    answer = link(client, jane, **body)
    job = ImportJob.objects.get()
    assert answer["presigned_put_url"].startswith("http")
    assert answer["key"] == job.object_key == f"imports/{jane.organization_id}/{job.job_id}"
    assert (answer["job_id"], answer["user_id"]) == (str(job.job_id), str(jane.id))
    assert (answer["status"], answer["awaiting_upload"]) == ("queued", True)
    assert answer["required_headers"] == headers
    assert answer["max_size_bytes"] == 5 * 1024**3
    lasts = clock.from_ms(clock.parse_rfc3339(answer["expires_at"])[0]) - before
    assert abs(lasts.total_seconds() - body.get("expiration_seconds", 3600)) < 5
    state = shown(client, jane, answer["job_id"])
    assert (state["status"], state["size_bytes"], state["started_at"]) == ("queued", None, None)
    assert state["awaiting_upload"] is True


@pytest.mark.parametrize(("asked", "lasts"), [(1, 60), (60, 60), (3600, 3600), (10**6, 3600)])
def test_how_long_a_link_is_good_is_bounded(client: APIClient, jane: EndUser, asked: int, lasts: int) -> None:
    answer = link(client, jane, expiration_seconds=asked)
    ends = clock.from_ms(clock.parse_rfc3339(answer["expires_at"])[0])
    assert abs((ends - clock.now()).total_seconds() - lasts) < 5


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"file_size_bytes": 0}, "file_size_bytes"),
        ({"file_size_bytes": -5}, "file_size_bytes"),
        ({"file_size_bytes": "much"}, "file_size_bytes"),
        ({"file_size_bytes": None}, "file_size_bytes"),
        ({"expiration_seconds": 0}, "expiration_seconds"),
        ({"expiration_seconds": "soon"}, "expiration_seconds"),
        ({"filename": ""}, "filename"),
        ({"filename": "x" * 256}, "filename"),
        ({"filename": "a\0b"}, "filename"),
        ({"file_size": 5}, "file_size"),
    ],
)
def test_a_bad_field_is_named(client: APIClient, jane: EndUser, body: dict[str, Any], field: str) -> None:
    answer = client.post(path(jane), body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert not ImportJob.objects.exists()


def test_more_than_five_gigabytes_are_413_before_anything_is_sent(client: APIClient, jane: EndUser) -> None:
    assert link(client, jane, file_size_bytes=5 * 1024**3)
    answer = client.post(path(jane), {"file_size_bytes": 5 * 1024**3 + 1})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("sized", [True, False])
def test_a_file_is_put_announced_and_imported(client: APIClient, jane: EndUser, store: str, sized: bool) -> None:
    content = zipped({"apple_health_export/export.xml": export(heart_rates(500))})
    answer = link(client, jane, **({"file_size_bytes": len(content)} if sized else {}))
    assert put(answer["presigned_put_url"], content) == 200
    completion = complete(client, jane, answer["job_id"])
    assert completion.status_code == 202
    assert completion.json() == {**ids(answer), "status": "queued", "user_id": str(jane.id)}
    assert usage.level(jane.organization_id, usage.OBJECT_BYTES, clock.now().date()) == len(content)
    assert jobs.run(uuid.UUID(answer["job_id"])) is False
    state = shown(client, jane, answer["job_id"])
    assert (state["status"], state["inserted"], state["size_bytes"]) == ("done", 500, len(content))
    assert complete(client, jane, answer["job_id"]).json()["status"] == "done"


def test_however_often_it_is_told_there_is_one_import(
    client: APIClient, jane: EndUser, store: str, sent: list[uuid.UUID]
) -> None:
    answer = link(client, jane)
    assert put(answer["presigned_put_url"], export(heart_rates(3))) == 200
    for _ in range(3):
        assert complete(client, jane, answer["job_id"]).status_code == 202
    assert sent == [uuid.UUID(answer["job_id"])]


def test_telling_of_a_file_that_is_not_there_is_409(
    client: APIClient, jane: EndUser, store: str, sent: list[uuid.UUID]
) -> None:
    answer = link(client, jane)
    completion = complete(client, jane, answer["job_id"])
    assert (completion.status_code, completion.json()["code"]) == (409, "not_uploaded")
    assert sent == []
    assert put(answer["presigned_put_url"], export()) == 200
    assert complete(client, jane, answer["job_id"]).status_code == 202


def test_an_import_that_came_with_its_file_is_told_as_it_is(client: APIClient, jane: EndUser) -> None:
    job = receive(jane, export())
    assert complete(client, jane, str(job.job_id)).json()["status"] == "queued"


@pytest.mark.parametrize("size", [9, 11])
def test_another_size_than_signed_is_refused(client: APIClient, jane: EndUser, store: str, size: int) -> None:
    answer = link(client, jane, file_size_bytes=10)
    assert put(answer["presigned_put_url"], b"x" * size) in (400, 403)
    assert complete(client, jane, answer["job_id"]).status_code == 409
    assert put(answer["presigned_put_url"], b"<" * 10) == 200


def test_a_link_that_has_ended_or_was_changed_takes_nothing(client: APIClient, jane: EndUser, store: str) -> None:
    answer = link(client, jane)
    url = answer["presigned_put_url"]
    assert put(url.replace(answer["job_id"][:4], "0000") if store == "bucket" else url[:-4] + "AAAA", b"<a/>") in (
        401,
        403,
    )
    signed = signed_puts.sign("imports/1/2", seconds=-20 if store == "directory" else 1, size=None, most=100)
    if store == "bucket":
        time.sleep(2.1)
    assert put(signed.url, b"<a/>") in (401, 403)
    assert not storage.exists("imports/1/2")


def test_what_the_store_let_through_is_judged_by_the_objects_own_size(
    client: APIClient, jane: EndUser, store: str, sent: list[uuid.UUID], settings: Settings
) -> None:
    """A store that does not check a signed size, or has a link without one."""
    making.endpoint(jane.organization, "http://127.0.0.1:9/hook")
    other, large = link(client, jane, file_size_bytes=10), link(client, jane)
    storage.put(other["key"], b"<" * 12)
    storage.put(large["key"], b"<" * 200)
    settings.IMPORT_MAX_OBJECT_BYTES = 100
    for answer, code in ((other, "size_mismatch"), (large, "upload_too_large")):
        assert complete(client, jane, answer["job_id"]).json()["status"] == "failed"
        state = shown(client, jane, answer["job_id"])
        assert (state["status"], state["error_code"]) == ("failed", code)
        assert "deleted" in state["error"]
        assert not storage.exists(answer["key"])
    assert sent == []
    assert list(Message.objects.values_list("type", flat=True)) == ["import.failed"] * 2
    assert usage.level(jane.organization_id, usage.OBJECT_BYTES, clock.now().date()) == 0


def test_a_file_that_is_replaced_after_it_was_believed_is_not_read(
    client: APIClient, jane: EndUser, store: str
) -> None:
    answer = link(client, jane)
    assert put(answer["presigned_put_url"], export(heart_rates(5))) == 200
    assert complete(client, jane, answer["job_id"]).status_code == 202
    storage.put(answer["key"], export(heart_rates(9)))
    jobs.run(uuid.UUID(answer["job_id"]))
    state = shown(client, jane, answer["job_id"])
    assert (state["status"], state["error_code"], state["records"]) == ("failed", "upload_changed", 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7 and more", "unknown_format"),
        (zipped({"a.zip": zipped({"export.xml": export()})}), "nested_archive"),
        (zipped({"export.xml": export(" " * 40_000_000)}), "zip_bomb"),
        (zipped({"export.xml": export()})[:-30], "damaged_archive"),
        (encrypted(zipped({"export.xml": export()})), "encrypted"),
    ],
    ids=["pdf", "nested", "bomb", "cut", "encrypted"],
)
def test_a_file_that_must_not_be_read_fails_by_this_road_too(
    client: APIClient, jane: EndUser, store: str, content: bytes, code: str
) -> None:
    answer = link(client, jane)
    assert put(answer["presigned_put_url"], content) == 200
    assert complete(client, jane, answer["job_id"]).status_code == 202
    jobs.run(uuid.UUID(answer["job_id"]))
    assert shown(client, jane, answer["job_id"])["error_code"] == code


def test_of_two_exports_in_an_archive_the_larger_is_imported(client: APIClient, jane: EndUser, store: str) -> None:
    content = zipped({"a/export.xml": export(heart_rates(2)), "b/export.xml": export(heart_rates(7))})
    answer = link(client, jane)
    assert put(answer["presigned_put_url"], content) == 200
    complete(client, jane, answer["job_id"])
    jobs.run(uuid.UUID(answer["job_id"]))
    assert shown(client, jane, answer["job_id"])["inserted"] == 7


def test_a_file_in_the_bucket_is_read_by_a_process_of_its_own_too(
    client: APIClient, jane: EndUser, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "APART_FROM", 0)
    answer = link(client, jane)
    assert put(answer["presigned_put_url"], export(heart_rates(4_000))) == 200
    complete(client, jane, answer["job_id"])
    jobs.run(uuid.UUID(answer["job_id"]))
    assert shown(client, jane, answer["job_id"])["inserted"] == 4_000


def test_ten_links_wait_and_the_eleventh_is_429_until_they_end(client: APIClient, jane: EndUser) -> None:
    for _ in range(arrivals.MAX_AWAITED):
        link(client, jane)
    refused = client.post(path(jane), {})
    assert (refused.status_code, refused.json()["code"]) == (429, "backlog")
    assert int(refused["Retry-After"]) > 0
    ImportJob.objects.update(upload_until=clock.now() - timedelta(seconds=1))
    assert link(client, jane)


def test_who_may_call(client: APIClient, jane: EndUser, directory: None) -> None:
    job = link(client, jane)["job_id"]
    dashboard = factories.dashboard_client(Developer.objects.get(organization=jane.organization))
    assert dashboard.post(path(jane), {}).status_code == 202
    for stranger in (factories.sdk_client(jane), APIClient()):
        assert stranger.post(path(jane), {}).status_code == 401
        assert complete(stranger, jane, job).status_code == 401
    charlie = factories.charlie()
    theirs, stranger = factories.end_user(charlie.organization), factories.key_client(charlie)
    assert stranger.post(path(jane), {}).status_code == 404
    assert complete(stranger, jane, job).status_code == 404
    assert complete(stranger, theirs, job).status_code == 404


class TestSweeping:
    """Files that nobody told of, and files that never came."""

    def later(self, **time_passed: float) -> None:
        """Let so much time pass since the links were made."""
        past = timedelta(**time_passed)
        for job in ImportJob.objects.awaiting():
            moments = {name: getattr(job, name) - past for name in ("created_at", "due_at", "upload_until")}
            ImportJob.objects.filter(pk=job.pk).update(**moments)

    def test_a_file_that_nobody_told_of_is_found(
        self, client: APIClient, jane: EndUser, store: str, sent: list[uuid.UUID]
    ) -> None:
        answer = link(client, jane)
        storage.put(answer["key"], export(heart_rates(2)))
        tasks.sweep_uploads()
        assert sent == []
        self.later(minutes=2)
        tasks.sweep_uploads()
        assert sent == [uuid.UUID(answer["job_id"])]
        assert shown(client, jane, answer["job_id"])["status"] == "queued"

    def test_it_is_looked_for_less_and_less_often_and_given_up_in_the_end(
        self, client: APIClient, jane: EndUser, directory: None, sent: list[uuid.UUID]
    ) -> None:
        making.endpoint(jane.organization, "http://127.0.0.1:9/hook")
        answer = link(client, jane, expiration_seconds=60)
        looks = 0
        for _ in range(8 * 60):
            self.later(minutes=1)
            before = ImportJob.objects.get()
            tasks.sweep_uploads()
            looks += ImportJob.objects.get().due_at != before.due_at
        assert 20 < looks < 60
        state = shown(client, jane, answer["job_id"])
        assert (state["status"], state["error_code"]) == ("failed", "upload_missing")
        assert list(Message.objects.values_list("type", flat=True)) == ["import.failed"]
        assert sent == []

    def test_what_comes_after_that_is_deleted_some_days_later(
        self, client: APIClient, jane: EndUser, store: str, settings: Settings
    ) -> None:
        answer = link(client, jane)
        self.later(hours=8)
        tasks.sweep_uploads()
        storage.put(answer["key"], b"late")
        assert complete(client, jane, answer["job_id"]).json()["status"] == "failed"
        ImportJob.objects.update(finished_at=clock.now() - timedelta(days=settings.IMPORT_RETENTION_DAYS, hours=1))
        tasks.prune()
        assert not storage.exists(answer["key"])

    def test_a_store_that_does_not_answer_ends_no_import(
        self, client: APIClient, jane: EndUser, directory: None, settings: Settings
    ) -> None:
        answer = link(client, jane)
        self.later(hours=8)
        settings.S3_BUCKET, settings.S3_ENDPOINT_URL = "nowhere", "http://127.0.0.1:1"
        settings.S3_ACCESS_KEY = settings.S3_SECRET_KEY = "x"
        assert complete(client, jane, answer["job_id"]).status_code == 503
        tasks.sweep_uploads()
        assert ImportJob.objects.get().state == State.AWAITING_UPLOAD


def test_a_file_of_somebody_erased_meanwhile_is_not_kept(
    client: APIClient, jane: EndUser, store: str, sent: list[uuid.UUID], django_capture_on_commit_callbacks: Any
) -> None:
    answer = link(client, jane)
    job = ImportJob.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(jane, audit.SYSTEM)
    storage.put(answer["key"], export(heart_rates(1)))
    assert arrivals.settle(job) is False
    assert not storage.exists(answer["key"])
    assert sent == []


def test_a_file_that_a_link_brings_after_the_erasure_is_removed_without_being_told_of(
    client: APIClient, jane: EndUser, store: str, django_capture_on_commit_callbacks: Any
) -> None:
    answer = link(client, jane)
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(jane, audit.SYSTEM)
    storage.put(answer["key"], export(heart_rates(1)))
    assert leftovers.remove_due() == 0
    Leftover.objects.update(due_at=clock.now())
    assert leftovers.remove_due() == 1
    assert not storage.exists(answer["key"])


class TestOurOwnAddress:
    """Uploads where objects lie in a directory."""

    @pytest.fixture(autouse=True)
    def _in_a_directory(self, directory: None) -> None: ...

    def test_the_put_itself_begins_the_import(
        self, client: APIClient, jane: EndUser, sent: list[uuid.UUID], settings: Settings
    ) -> None:
        answer = link(client, jane)
        assert answer["presigned_put_url"].startswith(f"{settings.BASE_URL}/api/v1/uploads/")
        content = export(heart_rates(20_000))
        stored = APIClient().generic("PUT", urlsplit(answer["presigned_put_url"]).path, content)
        assert (stored.status_code, stored.json()) == (200, {**ids(answer), "status": "queued"})
        assert sent == [uuid.UUID(answer["job_id"])]
        assert storage.get(answer["key"]) == content

    def test_one_file_a_link(self, client: APIClient, jane: EndUser) -> None:
        answer = link(client, jane)
        assert put(answer["presigned_put_url"], b"<a/>") == 200
        assert put(answer["presigned_put_url"], b"<b/>") == 409
        assert storage.get(answer["key"]) == b"<a/>"

    def test_nothing_and_too_much_are_refused(self, client: APIClient, jane: EndUser, settings: Settings) -> None:
        settings.IMPORT_MAX_OBJECT_BYTES = 100
        answer = link(client, jane)
        assert put(answer["presigned_put_url"], b"") == 400
        assert put(answer["presigned_put_url"], b"<" * 101) == 413
        assert put(answer["presigned_put_url"], b"<" * 100) == 200

    @pytest.mark.parametrize("token", ["x", "a.b.c", "%2e%2e", "eyJhbGciOiJub25lIn0.e30."])
    def test_a_made_up_link_is_401(self, token: str) -> None:
        assert put(f"http://testserver/api/v1/uploads/{token}", b"<a/>") == 401

    def test_a_token_for_something_else_is_401(self, jane: EndUser) -> None:
        token = authentication.sdk_token(jane)
        assert put(f"http://testserver/api/v1/uploads/{token}", b"<a/>") == 401

    def test_two_at_the_same_time_are_one_and_a_409(self, client: APIClient, jane: EndUser, settings: Settings) -> None:
        answer = link(client, jane)
        admission = signed_puts.Admission(answer["key"], None, 100)
        begun = signed_puts._begin(admission.key, 10)
        assert put(answer["presigned_put_url"], b"<b/>") == 409
        signed_puts.discard(begun)
        assert put(answer["presigned_put_url"], b"<b/>") == 200

    def test_a_full_disk_is_503_and_leaves_nothing(
        self, client: APIClient, jane: EndUser, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer = link(client, jane)
        monkeypatch.setattr(signed_puts, "RESERVE", 10**18)
        refused = APIClient().generic("PUT", urlsplit(answer["presigned_put_url"]).path, b"<a/>")
        assert (refused.status_code, refused.json()["code"]) == (503, "object_store_unavailable")
        assert int(refused["Retry-After"]) > 0
        monkeypatch.undo()
        assert not [file for file in settings.OBJECTS_DIR.rglob("*") if file.is_file()]
        assert put(answer["presigned_put_url"], b"<a/>") == 200

    def test_parts_of_dead_processes_are_deleted_and_no_others(self, settings: Settings) -> None:
        old = signed_puts._begin("imports/1/1", 5)
        new = signed_puts._begin("imports/1/2", 5)
        old.file.close()
        os.utime(old.part, (1, 1))
        signed_puts.remove_stale()
        assert not old.part.exists()
        assert new.part.exists()
        signed_puts.discard(new)
        assert not new.part.exists()


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_tell_at_the_same_time_one_begins_the_import(jane: EndUser, settings: Settings) -> None:
    wanted = arrivals.WantedUpload(jane.key, jane.organization_id, "apple_xml", None, 60)
    job, _ = arrivals.offer(wanted)
    storage.put(job.object_key, export(heart_rates(1)))
    began: list[bool] = []

    def tell() -> None:
        began.append(arrivals.settle(ImportJob.objects.get(pk=job.pk)))
        connection.close()

    threads = [threading.Thread(target=tell) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(began) == [False] * 19 + [True]
