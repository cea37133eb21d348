"""Erasures over the API: at once, in slices, with others who must confirm, and the receipt that stays."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts import tasks
from accounts.deletion import erasing, leftovers
from accounts.models import AuditEntry, EndUser, Erasure, Leftover
from healthdata import erasure as of_healthdata
from healthdata.models import SampleChunk
from healthdata.records import Sample
from healthdata.store import store
from providers.models import Payload
from providers.payloads import receive
from tests import factories
from tests.healthdata.reading import WATCH, at
from tests.providers.sync_bodies import heart_rates, sync
from wearlink.lib import clock, storage
from wearlink.lib.work.leases import LeaseLost

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3_600_000


@pytest.fixture
def jane(db: None) -> EndUser:
    return factories.end_user(factories.alice().organization, email="jane@example.com")


@pytest.fixture
def client(jane: EndUser) -> APIClient:
    return factories.key_client(jane.organization)


def delete(client: APIClient, user: EndUser) -> Any:
    return client.delete(f"/api/v1/users/{user.id}")


def with_object(user: EndUser, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(receive, "INLINE_BYTES", 10)
    receive.receive(receive.IncomingPayload(user.key, user.organization_id, "apple", sync(records=heart_rates(9)), 9))
    return Payload.objects.get(user_key=user.key).object_key


def with_chunks(user: EndUser, count: int) -> None:
    """So many rows of samples."""
    start = at("2026-01-01T00:00:00Z")
    store(user.key, [[Sample(WATCH, "weight", start + day * 24 * HOUR, 70.0) for day in range(count)]])


def down(_: str) -> None:
    raise storage.StoreUnavailable("down")


def receipt_of(client: APIClient, erasure_id: str) -> Any:
    return client.get(f"/api/v1/erasures/{erasure_id}").json()["receipt"]


def test_where_nothing_is_left_the_answer_is_204_and_a_receipt_stays(client: APIClient, jane: EndUser) -> None:
    with_chunks(jane, 3)
    assert delete(client, jane).status_code == 204
    (row,) = client.get("/api/v1/erasures").json()["data"]
    assert (row["status"], row["user_id"], row["left"]) == ("done", str(jane.id), {})
    assert row["receipt"]["rows"]["healthdata.SampleChunk"] == 3
    assert row["receipt"]["rows"]["accounts.EndUser"] == 1
    again = delete(client, jane)
    assert (again.status_code, again.json()["code"]) == (404, "user_erased")
    assert row["id"] in again.json()["detail"]
    assert client.get(f"/api/v1/users/{jane.id}").json()["code"] == "user_not_found"
    assert delete(client, EndUser(id=uuid4())).json()["code"] == "user_not_found"


def test_a_store_that_is_down_gives_202_and_the_second_call_tells_how_far_it_is(
    client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = with_object(jane, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setitem(leftovers.REMOVERS, leftovers.OBJECT, down)
        first = delete(client, jane)
        second = delete(client, jane)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json() | {"rows": first.json()["rows"]}
    assert (first.json()["status"], first.json()["left"]) == ("running", {"object": 1})
    assert "object" in first.json()["error"]
    assert client.get(f"/api/v1/users/{jane.id}").status_code == 404
    Leftover.objects.update(due_at=clock.now() - timedelta(seconds=1))
    tasks.remove_leftovers()
    assert not storage.exists(key)
    done = client.get(f"/api/v1/erasures/{first.json()['id']}").json()
    assert (done["status"], done["left"], done["error"]) == ("done", {}, None)
    assert done["receipt"]["things"] == {"object": 1}
    assert delete(client, jane).status_code == 404


def test_an_object_that_goes_at_once_needs_no_waiting(
    client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = with_object(jane, monkeypatch)
    assert delete(client, jane).status_code == 204
    assert not storage.exists(key)
    assert Erasure.objects.get().things == {"object": 1}


def test_a_large_account_goes_in_slices_while_nobody_sees_it_any_more(
    client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    june = factories.end_user(jane.organization)
    with_chunks(jane, 25)
    with_chunks(june, 25)
    monkeypatch.setattr(of_healthdata, "LARGE", 20)
    monkeypatch.setattr(erasing, "SLICE", 10)
    answer = delete(client, jane)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert SampleChunk.objects.filter(user_key=jane.key).count() == 25
    assert client.get(f"/api/v1/users/{jane.id}/sources").status_code == 404
    assert str(jane.id) not in client.get("/api/v1/changes").content.decode()
    tasks.erase()
    assert not SampleChunk.objects.filter(user_key=jane.key).exists()
    assert SampleChunk.objects.filter(user_key=june.key).count() == 25
    assert receipt_of(client, answer.json()["id"])["rows"]["healthdata.SampleChunk"] == 25


def test_a_worker_killed_in_the_middle_is_followed_by_another_and_the_counts_are_right(
    client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_chunks(jane, 25)
    monkeypatch.setattr(of_healthdata, "LARGE", 20)
    monkeypatch.setattr(erasing, "SLICE", 10)
    job = delete(client, jane).json()["id"]
    before, calls = erasing._slice, [0]

    class Killed(BaseException):
        """The end of the process."""

    def slice_(*arguments: Any) -> None:
        calls[0] += 1
        if calls[0] == 2:
            raise Killed
        before(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_slice", slice_)
        with pytest.raises(Killed):
            erasing.run_next()
    assert client.get(f"/api/v1/erasures/{job}").json()["status"] == "running"
    assert not erasing.run_next()  # the dead one's lease
    Erasure.objects.update(locked_until=clock.now() - timedelta(seconds=1))
    assert erasing.run_next()
    assert receipt_of(client, job)["rows"]["healthdata.SampleChunk"] == 25
    assert not erasing.any_due()


def test_who_lost_the_lease_deletes_nothing_more(
    client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_chunks(jane, 25)
    monkeypatch.setattr(of_healthdata, "LARGE", 20)
    delete(client, jane)
    before = erasing._slice

    def stolen(lease: Any, row: Erasure) -> None:
        Erasure.objects.update(lease=uuid4())
        with pytest.raises(LeaseLost):
            before(lease, row)
        raise LeaseLost

    monkeypatch.setattr(erasing, "_slice", stolen)
    assert erasing.run_next()
    assert SampleChunk.objects.filter(user_key=jane.key).count() == 25
    assert Erasure.objects.get().finished_at is None


def test_the_receipt_is_signed_and_names_nobody(client: APIClient, jane: EndUser, tmp_path: Path) -> None:
    delete(client, jane)
    receipt = receipt_of(client, str(Erasure.objects.get().id))
    assert "jane" not in json.dumps(receipt).lower()
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt))
    out = StringIO()
    call_command("verify_receipt", str(file), stdout=out)
    assert str(jane.id) in out.getvalue()
    other = receipt | {"rows": receipt["rows"] | {"accounts.EndUser": 2}}
    for text in (json.dumps(other), json.dumps(receipt | {"signature": "x"}), "{}", "nothing"):
        file.write_text(text)
        with pytest.raises(CommandError):
            call_command("verify_receipt", str(file))


def test_the_audit_trail_tells_of_the_call_and_of_the_end(client: APIClient, jane: EndUser) -> None:
    delete(client, jane)
    begun = AuditEntry.objects.get(action="end_user.erased")
    ended = AuditEntry.objects.get(action="end_user.erasure_finished")
    assert begun.actor_kind == "api_key"
    assert ended.data == {"erasure_id": begun.data["erasure_id"], "digest": Erasure.objects.get().digest}


def test_answers_kept_for_idempotency_go_too(client: APIClient, jane: EndUser) -> None:
    body = {"first_name": "June", "email": "june@example.com"}
    headers = {"Idempotency-Key": "june"}
    made = client.post("/api/v1/users", body, format="json", headers=headers).json()
    client.post("/api/v1/users", {"first_name": "May"}, format="json", headers={"Idempotency-Key": "may"})
    assert client.delete(f"/api/v1/users/{made['id']}").status_code == 204
    again = client.post("/api/v1/users", body, format="json", headers=headers)
    assert again.json()["id"] != made["id"]
    replayed = client.post("/api/v1/users", {"first_name": "May"}, format="json", headers={"Idempotency-Key": "may"})
    assert replayed["Idempotency-Replayed"] == "true"


def test_others_see_no_erasures(client: APIClient, jane: EndUser) -> None:
    delete(client, jane)
    stranger = factories.key_client(factories.charlie())
    assert stranger.get("/api/v1/erasures").json()["data"] == []
    assert stranger.get(f"/api/v1/erasures/{Erasure.objects.get().id}").status_code == 404
    assert delete(stranger, jane).json()["code"] == "user_not_found"
