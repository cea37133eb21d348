"""POST /sdk/users/{user_id}/sync and GET …/sync/{batch_id}, as a phone sees them."""

import gzip
import io
import json
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from accounts.authentication import sdk_token
from accounts.models import EndUser
from providers.models import Payload
from providers.payloads import tasks
from providers.payloads.process import body_of, drain
from tests import factories
from tests.providers.sync_bodies import heart_rates, record, sample_sync, stage, sync, workout
from wearlink.lib import storage
from wearlink.lib.security import tokens
from wearlink.lib.web.wsgi import WholeBodies
from wearlink.lib.work import broker

pytestmark = pytest.mark.django_db


def path(user: EndUser) -> str:
    return f"/api/v1/sdk/users/{user.id}/sync"


def post(client: APIClient, user: EndUser, body: bytes, **extra: Any) -> Any:
    return client.post(path(user), data=body, content_type=extra.pop("content_type", "application/json"), **extra)


def test_a_sync_is_stored_and_answered_as_documented(jane: EndUser) -> None:
    answer = post(factories.sdk_client(jane), jane, sync(records=heart_rates(3), workouts=[workout()]))
    payload = Payload.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {
        "status_code": 202,
        "response": "Import task queued successfully",
        "user_id": str(jane.id),
        "batch_id": str(payload.batch_id),
        "id": str(payload.batch_id),
        "status": "queued",
    }
    assert (payload.user_key, payload.organization_id) == (jane.key, jane.organization_id)
    assert (payload.provider, payload.items, payload.state) == ("apple", 4, "received")


def test_the_status_tells_what_became_of_a_batch(jane: EndUser) -> None:
    client = factories.key_client(jane.organization)
    body = sync(records=[*heart_rates(3), record(unit="furlong")])
    batch_id = post(client, jane, body).json()["batch_id"]
    waiting = client.get(f"{path(jane)}/{batch_id}").json()
    drain(jane.key)
    done = client.get(f"{path(jane)}/{batch_id}").json()
    assert (waiting["status"], waiting["started_at"], waiting["finished_at"]) == ("queued", None, None)
    assert (done["status"], done["items"], done["inserted"], done["updated"]) == ("done_with_errors", 4, 3, 0)
    assert waiting["created_at"] <= done["started_at"] <= done["finished_at"]
    assert done["rejected"] == {"unknown_unit:furlong": 1}
    assert done["rejected_examples"] == [
        {"collection": "records", "index": 3, "field": "unit", "reason": "unknown_unit:furlong"}
    ]
    assert (done["provider"], done["error"], done["id"]) == ("apple", None, batch_id)


def test_growth_of_the_phones_vocabulary_is_no_error(jane: EndUser) -> None:
    client = factories.key_client(jane.organization)
    body = sync(records=[*heart_rates(1), record(type="HKQuantityTypeIdentifierFromTheFuture")])
    batch_id = post(client, jane, body).json()["id"]
    drain(jane.key)
    done = client.get(f"{path(jane)}/{batch_id}").json()
    assert (done["status"], sum(done["rejected"].values())) == ("done", 1)


def test_the_same_body_again_is_the_same_batch(jane: EndUser) -> None:
    client = factories.sdk_client(jane)
    first = post(client, jane, sync(records=heart_rates(3))).json()
    drain(jane.key)
    again = post(client, jane, sync(records=heart_rates(3))).json()
    assert first == again
    assert Payload.objects.get().state == "done"


@pytest.mark.parametrize("provider", ["apple", "Apple", "SAMSUNG", "google"])
def test_providers_are_known_in_any_case(jane: EndUser, provider: str) -> None:
    assert post(factories.sdk_client(jane), jane, sync(provider)).status_code == 202
    assert Payload.objects.get().provider == provider.lower()


def test_gzip_is_inflated_and_counts_as_the_same_body(jane: EndUser) -> None:
    client, body = factories.sdk_client(jane), sample_sync("apple")
    plain = post(client, jane, body)
    packed = post(client, jane, gzip.compress(body), headers={"content-encoding": "gzip"})
    assert (packed.status_code, packed.json()) == (202, plain.json())


def test_a_large_body_lies_in_the_object_store_and_is_processed_from_there(jane: EndUser) -> None:
    body = sync(records=heart_rates(6000))
    post(factories.sdk_client(jane), jane, body)
    payload = Payload.objects.get()
    assert payload.body is None
    assert storage.get(payload.object_key) == body
    drain(jane.key)
    payload.refresh_from_db()
    assert (payload.state, payload.inserted) == ("done", 6000)


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        (b"", "", "empty"),
        (b"  \n ", "", "empty"),
        (b"{", "", "not valid JSON"),
        (b'{"provider": NaN}', "", "not valid JSON"),
        (b'{"provider": "\xff"}', "", "UTF-8"),
        (b"[]", "", "JSON object"),
        (b'"apple"', "", "JSON object"),
        (b"{}", "provider", "required"),
        (sync("fitbit"), "provider", "Accepted: apple, google, samsung"),
        (sync().replace(b'"apple"', b"7"), "provider", "string"),
        (sync().replace(b'"1.0.0"', b'""'), "sdkVersion", "characters"),
        (sync().replace(b'"1.0.0"', b"null"), "sdkVersion", "required"),
        (sync().replace(b"2026-04-15T20:00:00Z", b"just now"), "syncTimestamp", "RFC 3339"),
        (sync().replace(b"{}}", b"[]}"), "data", "object"),
        (sync(records={"a": 1}), "data.records", "array"),
        (sync(sleep="rem"), "data.sleep", "array"),
        (sync(workouts=1), "data.workouts", "array"),
        (b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "", "deep"),
    ],
)
def test_a_broken_envelope_fails_with_the_field_and_the_fault(
    jane: EndUser, body: bytes, field: str, reason: str
) -> None:
    answer = post(factories.sdk_client(jane), jane, body)
    found = answer.json()
    assert answer.status_code == 400
    assert reason in found["detail"]
    assert [error["field"] for error in found.get("errors", [])][:1] == ([field] if field else [])
    assert not Payload.objects.exists()


def test_all_faults_of_an_envelope_are_named_at_once(jane: EndUser) -> None:
    body = json.dumps({"provider": "fitbit", "syncTimestamp": 5, "data": {"sleep": {}}}).encode()
    found = post(factories.sdk_client(jane), jane, body).json()
    assert [error["field"] for error in found["errors"]] == ["provider", "sdkVersion", "syncTimestamp", "data.sleep"]


@pytest.mark.parametrize("data", [{}, {"records": None}, {"records": [], "moods": 7}])
def test_missing_null_and_unknown_collections_are_fine(jane: EndUser, data: dict[str, Any]) -> None:
    assert post(factories.sdk_client(jane), jane, sync(**data)).status_code == 202


def test_more_than_ten_thousand_items_are_too_many(jane: EndUser) -> None:
    client = factories.sdk_client(jane)
    just = sync(records=[1] * 9_998, sleep=[2], workouts=[3])
    more = sync(records=[1] * 9_998, sleep=[2, 2], workouts=[3])
    assert [post(client, jane, body).status_code for body in (just, more)] == [202, 413]
    assert "10001 items" in post(client, jane, more).json()["detail"]


def test_eleven_megabytes_are_too_many(jane: EndUser) -> None:
    answer = post(factories.sdk_client(jane), jane, b" " * (11 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", b"not gzip at all", 400),
        ("gzip", gzip.compress(sync())[:-9], 400),
        ("gzip", gzip.compress(sync()) + b"more", 400),
        ("gzip", gzip.compress(b" " * (50 * 1024 * 1024), 1), 413),
        ("br", sync(), 400),
        ("identity", sync(), 202),
    ],
    ids=["not gzip", "cut short", "with a tail", "bomb", "brotli", "plain"],
)
def test_encodings_are_judged_and_bombs_do_not_go_off(jane: EndUser, encoding: str, body: bytes, status: int) -> None:
    answer = post(factories.sdk_client(jane), jane, body, headers={"content-encoding": encoding})
    assert answer.status_code == status


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml"])
def test_other_content_types_are_refused(jane: EndUser, content_type: str) -> None:
    answer = post(factories.sdk_client(jane), jane, sync(), content_type=content_type)
    assert answer.status_code == 415


def test_a_charset_beside_the_content_type_is_fine(jane: EndUser) -> None:
    answer = post(factories.sdk_client(jane), jane, sync(), content_type="application/json; charset=utf-8")
    assert answer.status_code == 202


def test_tokens_open_their_own_users_door_only(jane: EndUser) -> None:
    charlie = factories.charlie()
    other = factories.end_user(jane.organization)
    body = sync()
    assert post(APIClient(), jane, body).status_code == 401
    assert post(factories.sdk_client(other), jane, body).status_code == 404
    assert post(factories.key_client(charlie), jane, body).status_code == 404
    assert post(factories.dashboard_client(charlie), jane, body).status_code == 401
    broken = APIClient()
    broken.credentials(HTTP_AUTHORIZATION="Bearer eyJhbGciOiJub25lIn0.e30.")
    assert post(broken, jane, body).status_code == 401
    assert not Payload.objects.exists()


def test_batches_of_others_do_not_exist(jane: EndUser) -> None:
    batch_id = post(factories.sdk_client(jane), jane, sync()).json()["batch_id"]
    other = factories.end_user(jane.organization)
    client = factories.key_client(jane.organization)
    assert client.get(f"{path(jane)}/{batch_id}").status_code == 200
    assert client.get(f"{path(other)}/{batch_id}").status_code == 404
    assert client.get(f"{path(jane)}/not-an-id").status_code == 404
    assert factories.key_client(factories.charlie()).get(f"{path(jane)}/{batch_id}").status_code == 404


def test_too_many_waiting_batches_are_told_to_come_back(jane: EndUser, settings: Any) -> None:
    settings.PAYLOAD_BACKLOG = 1
    client = factories.sdk_client(jane)
    bodies = [sync(records=heart_rates(1, first=n)) for n in range(3)]
    answers = [post(client, jane, body) for body in bodies]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].headers["Retry-After"] == "30"
    assert post(client, jane, bodies[0]).status_code == 202  # a repeat adds nothing to the queue
    drain(jane.key)
    assert post(client, jane, bodies[2]).status_code == 202


def test_a_full_object_store_keeps_nothing_of_the_body(jane: EndUser, settings: Any, tmp_path: Any) -> None:
    blocked = tmp_path / "objects"
    blocked.write_bytes(b"a file where a directory should be")
    settings.OBJECTS_DIR = blocked
    client = factories.sdk_client(jane)
    answer = post(client, jane, sync(records=heart_rates(6000)))
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert not Payload.objects.exists()
    assert post(client, jane, sync(records=heart_rates(2))).status_code == 202  # small ones need no object


def test_an_odd_item_never_fails_the_call(jane: EndUser) -> None:
    client = factories.sdk_client(jane)
    odd: list[Any] = [None, 7, "x", [], {}, {"type": []}, {"startDate": {}}, [[[]]], True, record(value="NaN")]
    body = sync(records=odd, sleep=odd, workouts=[*odd[:-1], workout(values=[None], route="x", laps=[1])])
    batch_id = post(client, jane, body).json()["batch_id"]
    drain(jane.key)
    found = client.get(f"{path(jane)}/{batch_id}").json()
    assert found["status"] == "done_with_errors"
    assert found["inserted"] == 1  # the last workout, without its parts
    assert sum(found["rejected"].values()) >= 30
    assert len(found["rejected_examples"]) == 20


def test_the_route_of_a_post_is_short(jane: EndUser, django_assert_num_queries: Any) -> None:
    client = factories.sdk_client(jane)
    post(client, jane, sync())
    with django_assert_num_queries(2):  # the end user, and the insert that looks at repeats and backlog itself
        answer = post(
            client,
            jane,
            sync(records=heart_rates(500), sleep=[stage("rem", "2026-04-15T00:00:00Z", "2026-04-15T01:00:00Z")]),
        )
    assert answer.status_code == 202


def test_a_worker_is_told_once_of_many_posts_and_again_once_it_has_looked(
    jane: EndUser, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = factories.sdk_client(jane)

    def messages_for(*counts: int) -> float:
        before = depth()
        for count in counts:
            with django_capture_on_commit_callbacks(execute=True):
                assert post(client, jane, sync(records=heart_rates(count))).status_code == 202
        return depth() - before

    assert messages_for(1, 2, 3) == 1
    tasks.drain(jane.key)
    assert messages_for(4) == 1


def depth() -> float:
    """Return messages that wait for the workers of the inbox."""
    return broker.depths(settings.REDIS_URL, ("ingest",))["ingest"]


def test_an_expired_token_and_one_for_another_purpose_are_refused(jane: EndUser) -> None:
    organization = str(jane.organization_id)
    expired = tokens.issue(tokens.Purpose.SDK, str(jane.id), lifetime=-60, org=organization)
    other_purpose = tokens.issue(tokens.Purpose.CONNECT, str(jane.id), org=organization)
    for token in (expired, other_purpose, "x", ""):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert post(client, jane, sync()).status_code == 401
    assert not Payload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_chunked_body_is_read_whole(jane: EndUser) -> None:
    """Phones that compress on the fly announce no length; the server's wrapper finds it out."""
    body = sync(records=heart_rates(300))
    application = WholeBodies(WSGIHandler(), settings.MAX_BODY_BYTES)
    token = sdk_token(jane)
    request = RequestFactory().post(
        path(jane), content_type="application/json", headers={"authorization": f"Bearer {token}"}
    )
    environ = {**request.environ, "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    environ.pop("CONTENT_LENGTH", None)
    statuses: list[str] = []
    response = application(environ, lambda status, headers, *_: statuses.append(status))
    answer = b"".join(response)
    response.close()
    assert statuses == ["202 Accepted"]
    assert json.loads(answer)["status_code"] == 202
    assert body_of(Payload.objects.get()) == body
