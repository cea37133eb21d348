"""Asking for exports: who may, how many, what is refused, and small ones at once."""

import io
import json
import zipfile
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.exports import jobs, requests
from accounts.exports.models import DataExport
from accounts.models import AuditEntry, EndUser
from accounts.webhooks.models import Message
from tests import factories
from tests.exports.conftest import body_of, exported
from tests.webhooks.making import endpoint


def test_an_export_is_queued_made_told_of_and_listed(client: APIClient, jane: EndUser) -> None:
    endpoint(jane.organization, "https://hooks.example.com/in", "export.ready")
    asked = client.post(f"/api/v1/users/{jane.id}/export/async?types=profile&start_date=2026-04-01")
    assert (asked.status_code, asked.json()["status"]) == (202, "queued")
    address = f"/api/v1/users/{jane.id}/exports"
    (queued,) = client.get(address).json()["data"]
    assert (queued["status"], queued["download_url"], queued["size_bytes"]) == ("queued", None, None)
    assert (queued["types"], queued["start_date"], queued["format"]) == (["profile"], "2026-04-01", "ndjson")
    jobs.run_next()
    (ready,) = client.get(address).json()["data"]
    assert ready == client.get(f"{address}/{ready['export_id']}").json()
    assert (ready["status"], ready["download_state"]) == ("done", "ready")
    assert str(jane.id) not in ready["download_url"]
    assert ready["export_id"] not in ready["download_url"]
    data = json.loads(bytes(Message.objects.get(type="export.ready").body or b""))["data"]
    assert data == {
        "export_id": asked.json()["export_id"],
        "user_id": str(jane.id),
        "size_bytes": ready["size_bytes"],
        "expires_at": ready["expires_at"],
    }
    (entry,) = AuditEntry.objects.filter(action="data_export.requested")
    assert (entry.target_id, entry.data["types"]) == (str(jane.id), ["profile"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("types=workout", "types"),
        ("types=heart_rat", "types"),
        ("types=,", "types"),
        ("format=xml", "format"),
        ("start_date=2026-02-30", "start_date"),
        ("start_date=2026-04-02&end_date=2026-04-01", "end_date"),
        ("since=2026-04-02", "since"),
    ],
)
@pytest.mark.parametrize("way", ["export", "export/async"])
def test_what_is_wrong_is_named(client: APIClient, jane: EndUser, query: str, field: str, way: str) -> None:
    answer = client.post(f"/api/v1/users/{jane.id}/{way}?{query}")
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert not DataExport.objects.exists()


def test_a_body_is_refused_rather_than_ignored(client: APIClient, jane: EndUser) -> None:
    answer = client.post(f"/api/v1/users/{jane.id}/export/async", {"types": ["profile"]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")


def test_three_of_a_user_may_wait(client: APIClient, jane: EndUser) -> None:
    address = f"/api/v1/users/{jane.id}/export/async"
    answers = [client.post(address) for _ in range(4)]
    assert [one.status_code for one in answers] == [202, 202, 202, 429]
    assert answers[3].json()["code"] == "backlog"
    assert int(answers[3]["Retry-After"]) > 0


def test_the_same_key_asks_once(client: APIClient, jane: EndUser) -> None:
    address = f"/api/v1/users/{jane.id}/export/async"
    first, second = (client.post(address, headers={"Idempotency-Key": "a"}) for _ in range(2))
    assert first.json() == second.json()
    assert DataExport.objects.count() == 1
    other = client.post(f"{address}?types=profile", headers={"Idempotency-Key": "a"})
    assert other.status_code == 422


def test_a_small_account_is_answered_at_once_with_the_same_archive(client: APIClient, jane: EndUser) -> None:
    answer = client.post(f"/api/v1/users/{jane.id}/export")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    data = body_of(answer)
    assert int(answer["Content-Length"]) == len(data)
    now, later = zipfile.ZipFile(io.BytesIO(data)), exported(client, jane).zip
    assert now.namelist() == later.namelist()
    for name in set(now.namelist()) - {"manifest.json"}:
        assert now.read(name) == later.read(name), name
    assert AuditEntry.objects.filter(action="data_export.answered").count() == 1


def test_a_larger_account_is_pointed_to_the_other_call(
    client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "IN_BAND_ROWS", 900)
    answer = client.post(f"/api/v1/users/{jane.id}/export")
    assert (answer.status_code, answer.json()["code"]) == (409, "export_too_large")
    assert "export/async" in answer.json()["detail"]
    for query in ("types=steps", "start_date=2026-04-16"):
        assert zipfile.is_zipfile(io.BytesIO(body_of(client.post(f"/api/v1/users/{jane.id}/export?{query}"))))


def test_photos_count_too(client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "IN_BAND_BYTES", 1_000)
    assert client.post(f"/api/v1/users/{jane.id}/export").status_code == 409


def test_no_room_for_an_answer_is_a_503(client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("accounts.exports.archive.write", full)
    answer = client.post(f"/api/v1/users/{jane.id}/export")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert not AuditEntry.objects.filter(action="data_export.answered").exists()


def test_others_and_strangers_see_nobody(jane: EndUser) -> None:
    phone = factories.sdk_client(jane)
    stranger = factories.key_client(factories.charlie())
    for caller, status in ((phone, 401), (stranger, 404)):
        for way in ("export", "export/async"):
            assert caller.post(f"/api/v1/users/{jane.id}/{way}").status_code == status
        assert caller.get(f"/api/v1/users/{jane.id}/exports").status_code == status
