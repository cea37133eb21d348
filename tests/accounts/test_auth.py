"""Registering, signing in, passwords, mails."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.hashers import check_password
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from accounts import mail
from accounts.models import ApiKey, AuditEntry, Developer, Invitation
from accounts.sign_in import guesses, sessions
from tests import factories
from tests.factories import PASSWORD
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
NEW = "another long passphrase"


@pytest.fixture
def anybody() -> APIClient:
    return APIClient()


@pytest.fixture
def delivered(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Any]:
    """At the end of the block the tasks that wait for the commit run in place of being published."""
    monkeypatch.setattr(current_app, "send_task", lambda name, arguments, **_: current_app.tasks[name].run(*arguments))
    return lambda: django_capture_on_commit_callbacks(execute=True)


def register(client: APIClient, **values: str) -> Any:
    return client.post(f"{AUTH}/register", {"email": "dora@example.com", "password": PASSWORD, **values})


def down(*_: object, **__: object) -> None:
    raise OperationalError("refused")


def login(client: APIClient, email: str = "alice@example.com", password: str = PASSWORD) -> Any:
    return client.post(f"{AUTH}/login", {"username": email, "password": password}, format="multipart")


def test_registering_makes_an_organization_an_owner_and_a_working_key(anybody: APIClient) -> None:
    answer = register(anybody, organization_name="Dora Labs")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["organization"]["name"] == "Dora Labs"
    assert body["organization"]["plan"] == "hobby"
    assert body["role"] == "owner"
    assert body["email_verified"] is False
    used = anybody.get("/api/v1/users", headers={"X-WearLink-API-Key": body["api_key"]})
    assert used.status_code == 200
    assert body["api_key"] not in str(list(ApiKey.objects.values()))


def test_registering_sends_a_link_that_confirms_the_address(anybody: APIClient, delivered: Any) -> None:
    with delivered():
        register(anybody)
    (message,) = outbox.outbox
    assert message.to == ["dora@example.com"]
    link = next(line for line in message.body.splitlines() if "verify-email" in line)
    token = {"token": link.partition("=")[2]}
    assert anybody.post(f"{AUTH}/verify-email", token).status_code == 200
    assert Developer.objects.get(email="dora@example.com").email_verified_at is not None
    assert anybody.post(f"{AUTH}/verify-email", token).status_code == 200
    assert AuditEntry.objects.filter(action="auth.email_verified").count() == 1


def test_a_broker_that_is_down_is_logged_and_does_not_fail_registering(
    anybody: APIClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(current_app, "send_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        assert register(anybody).status_code == 201
    assert "The broker does not answer" in caplog.text


def test_a_taken_address_is_the_documented_conflict(anybody: APIClient) -> None:
    factories.alice()
    answer = register(anybody, email="ALICE@example.com")
    assert answer.status_code == 409
    assert answer.json()["detail"] == "An account with this email already exists"


@pytest.mark.parametrize("password", ["short", "elevenchars", "password1234", "123456789012", "dora@example.com"])
def test_weak_passwords_are_refused(anybody: APIClient, password: str) -> None:
    answer = register(anybody, password=password)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "password"


def test_the_sixth_registration_of_a_minute_is_the_documented_429(anybody: APIClient) -> None:
    for number in range(5):
        register(anybody, email=f"dora{number}@example.com")
    answer = register(anybody, email="dora9@example.com")
    assert answer.status_code == 429
    assert answer.json()["detail"] == "Too many requests. Please wait 60 seconds and try again."
    assert answer.json()["headers"] == {"Retry-After": answer["Retry-After"]}
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert not Developer.objects.filter(email="dora9@example.com").exists()
    other = register(APIClient(REMOTE_ADDR="192.0.2.9"), email="dora9@example.com")
    assert other.status_code == 201


@pytest.mark.parametrize("kind", ["multipart", "json"])
@pytest.mark.parametrize("name", ["username", "email"])
def test_signing_in_takes_a_form_or_json(anybody: APIClient, kind: str, name: str) -> None:
    factories.alice()
    answer = anybody.post(f"{AUTH}/login", {name: "Alice@example.com", "password": PASSWORD}, format=kind)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)
    me = anybody.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert me.json()["email"] == "alice@example.com"


@pytest.mark.parametrize(
    "body", [{}, {"username": "alice@example.com"}, {"password": "x"}, {"username": 1, "password": []}]
)
def test_signing_in_names_what_is_missing(anybody: APIClient, body: dict[str, Any]) -> None:
    answer = anybody.post(f"{AUTH}/login", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in {"username", "password"}


def test_wrong_unknown_and_locked_answer_the_same(anybody: APIClient) -> None:
    alice = factories.alice()
    answers = [login(anybody, password="wrong"), login(anybody, email="nobody@example.com")]
    Developer.objects.filter(pk=alice.pk).update(locked_until=clock.now() + timedelta(minutes=5))
    answers.append(login(anybody))
    assert {answer.status_code for answer in answers} == {401}
    assert len({(answer.json()["detail"], answer.json()["code"]) for answer in answers}) == 1


def test_every_kind_of_failure_costs_one_comparison(anybody: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(password: str, encoded: str) -> bool:
        calls.append(encoded)
        return check_password(password, encoded)

    monkeypatch.setattr("accounts.sign_in.sessions.check_password", counted)
    factories.alice()
    login(anybody, password="wrong")
    login(anybody, email="nobody@example.com")
    assert len(calls) == 2
    assert all(encoded.startswith("argon2$argon2id") for encoded in calls)


def test_ten_failures_lock_the_account_for_fifteen_minutes() -> None:
    alice = factories.alice()
    token_client = factories.dashboard_client(alice)
    for number in range(10):
        assert login(APIClient(REMOTE_ADDR=f"192.0.2.{number}"), password="wrong").status_code == 401
    alice.refresh_from_db()
    assert timedelta(minutes=14) < alice.locked_until - clock.now() <= timedelta(minutes=15)
    assert login(APIClient(REMOTE_ADDR="192.0.2.99")).status_code == 401
    assert token_client.get(f"{AUTH}/me").status_code == 200
    assert AuditEntry.objects.filter(action="auth.locked", target_id=str(alice.pk)).count() == 1

    Developer.objects.filter(pk=alice.pk).update(locked_until=clock.now() - timedelta(seconds=1))
    assert login(APIClient(REMOTE_ADDR="192.0.2.98"), password="wrong").status_code == 401
    alice.refresh_from_db()
    assert (alice.failed_login_count, alice.is_locked()) == (1, False)
    assert login(APIClient(REMOTE_ADDR="192.0.2.97")).status_code == 200
    alice.refresh_from_db()
    assert alice.failed_login_count == 0


def test_the_eleventh_sign_in_of_a_minute_is_429(anybody: APIClient) -> None:
    factories.alice()
    statuses = [login(anybody).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_signing_out_ends_every_session() -> None:
    alice = factories.alice()
    first, second = factories.dashboard_client(alice), factories.dashboard_client(alice)
    assert first.post(f"{AUTH}/logout").status_code == 204
    assert second.get(f"{AUTH}/me").status_code == 401


def test_changing_the_password_ends_sessions_and_answers_a_token(anybody: APIClient) -> None:
    alice = factories.alice()
    client, other = factories.dashboard_client(alice), factories.dashboard_client(alice)
    answer = client.post(f"{AUTH}/password", {"current_password": PASSWORD, "new_password": NEW})
    assert answer.status_code == 200, answer.content
    assert other.get(f"{AUTH}/me").status_code == 401
    fresh = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert anybody.get(f"{AUTH}/me", headers=fresh).status_code == 200
    assert login(anybody).status_code == 401
    assert login(anybody, password=NEW).status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "field"), [("wrong", NEW, "current_password"), (PASSWORD, "short", "new_password")]
)
def test_a_bad_change_of_password_names_the_field(current: str, new: str, field: str) -> None:
    client = factories.dashboard_client(factories.alice())
    answer = client.post(f"{AUTH}/password", {"current_password": current, "new_password": new})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_a_forgotten_password_is_reset_by_mail_once(anybody: APIClient, delivered: Any) -> None:
    alice = factories.alice()
    session = factories.dashboard_client(alice)
    with delivered():
        known = anybody.post(f"{AUTH}/password/forgot", {"email": "Alice@example.com"})
        unknown = anybody.post(f"{AUTH}/password/forgot", {"email": "nobody@example.com"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    (message,) = outbox.outbox
    link = next(line for line in message.body.splitlines() if "reset-password" in line)
    token = link.partition("=")[2]
    assert anybody.post(f"{AUTH}/password/reset", {"token": token, "password": NEW}).status_code == 200
    assert session.get(f"{AUTH}/me").status_code == 401
    assert login(anybody, password=NEW).status_code == 200
    again = anybody.post(f"{AUTH}/password/reset", {"token": token, "password": PASSWORD})
    assert again.status_code == 400
    assert again.json()["errors"][0]["field"] == "token"


def test_asking_for_a_new_password_does_the_same_for_known_and_unknown_addresses(
    anybody: APIClient, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    factories.alice()
    done = []
    for address in ("alice@example.com", "nobody@example.com"):
        with CaptureQueriesContext(connection) as asked, django_capture_on_commit_callbacks() as sent:
            anybody.post(f"{AUTH}/password/forgot", {"email": address})
        done.append((len(asked), len(sent)))
    assert done[0] == done[1]
    assert done[0][1] == 1


def test_a_token_for_one_purpose_does_not_serve_another(anybody: APIClient) -> None:
    alice = factories.alice()
    verify = mail.verification_token(alice)
    assert anybody.post(f"{AUTH}/password/reset", {"token": verify, "password": NEW}).status_code == 400
    assert anybody.post(f"{AUTH}/verify-email", {"token": mail.reset_token(alice)}).status_code == 400
    assert anybody.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {verify}"}).status_code == 401


def test_sign_ins_and_failures_are_audited_without_personal_data(anybody: APIClient) -> None:
    factories.alice()
    login(anybody)
    login(anybody, password="wrong")
    login(anybody, email="nobody@example.com")
    found = list(AuditEntry.objects.filter(action__startswith="auth.").values_list("action", "organization__name"))
    assert found == [
        ("auth.signed_in", "Alpha"),
        ("auth.sign_in_failed", "Alpha"),
        ("auth.sign_in_failed", None),
    ]
    assert "example.com" not in str(list(AuditEntry.objects.values()))


def test_guesses_end_neither_sessions_nor_a_reset_that_was_mailed(anybody: APIClient) -> None:
    alice = factories.alice()
    session, token = factories.dashboard_client(alice), mail.reset_token(alice)
    for number in range(10):
        login(APIClient(REMOTE_ADDR=f"192.0.2.{number}"), password="wrong")
    assert session.get(f"{AUTH}/me").status_code == 200
    assert login(anybody).status_code == 401
    assert anybody.post(f"{AUTH}/password/reset", {"token": token, "password": NEW}).status_code == 200
    assert login(anybody, password=NEW).status_code == 200


def test_a_stranger_who_has_locked_an_account_cannot_lock_it_again_for_a_while() -> None:
    alice = factories.alice()
    stranger = [APIClient(REMOTE_ADDR="192.0.2.7") for _ in range(10)]
    for client in stranger:
        login(client, password="wrong")
    alice.refresh_from_db()
    assert alice.is_locked()
    Developer.objects.filter(pk=alice.pk).update(locked_until=clock.now() - timedelta(seconds=1))
    for _ in range(12):
        with pytest.raises(sessions.SignInFailed):
            sessions.sign_in("alice@example.com", "wrong", "192.0.2.7")
    alice.refresh_from_db()
    assert not alice.is_locked()
    assert login(APIClient(REMOTE_ADDR="192.0.2.8")).status_code == 200
    assert [guesses.wait_after(count) for count in (10, 20, 30, 1000)] == [900, 1800, 3600, 86_400]


def test_a_lock_by_an_administrator_ends_sessions_and_no_mail_lifts_it(anybody: APIClient) -> None:
    alice = factories.alice()
    session, token = factories.dashboard_client(alice), mail.reset_token(alice)
    week = clock.now() + timedelta(days=7)
    Developer.objects.filter(pk=alice.pk).update(locked_until=week, locked_by_admin=True)
    assert session.get(f"{AUTH}/me").status_code == 401
    assert anybody.post(f"{AUTH}/password/reset", {"token": token, "password": NEW}).status_code == 200
    assert login(anybody, password=NEW).status_code == 401


def test_whoever_proves_an_address_first_takes_the_account_back(anybody: APIClient, delivered: Any) -> None:
    body = {"email": "victim@example.com", "password": PASSWORD}
    key = anybody.post(f"{AUTH}/register", body).json()["api_key"]
    thief, held = factories.dashboard_client(Developer.objects.get()), APIClient(headers={"X-WearLink-API-Key": key})
    assert held.get("/api/v1/users").status_code == 200
    endpoint = held.post("/api/v1/webhooks/endpoints", {"url": "https://thief.example.com/in"}).json()
    thief.patch("/api/v1/organization", {"redirect_addresses": ["https://thief.example.com"]})
    invited = thief.post("/api/v1/organization/invitations", {"email": "thief@example.com", "role": "owner"}).json()
    app = {"client_id": "thief", "client_secret": "secret of a thief"}
    assert thief.put("/api/v1/providers/strava/settings", app).status_code == 200

    token = mail.reset_token(Developer.objects.get())
    with delivered():
        assert anybody.post(f"{AUTH}/password/reset", {"token": token, "password": NEW}).status_code == 200
    assert held.get("/api/v1/users").status_code == 401
    assert thief.get(f"{AUTH}/me").status_code == 401
    session = login(anybody, email="victim@example.com", password=NEW).json()["access_token"]
    victim = APIClient(headers={"Authorization": f"Bearer {session}"})
    assert victim.get(f"{AUTH}/me").json()["email_verified"] is True
    assert victim.get("/api/v1/organization").json()["redirect_addresses"] == []
    assert victim.get("/api/v1/organization/invitations").json()["data"] == []
    assert victim.get(f"/api/v1/webhooks/endpoints/{endpoint['id']}").status_code == 404
    assert victim.get("/api/v1/developer/api-keys").json()["data"] == []
    assert victim.get("/api/v1/providers/strava/settings").status_code == 404
    joining = {"token": mail.invitation_token(Invitation.objects.get(pk=invited["id"])), "name": "", "password": NEW}
    assert anybody.post("/api/v1/organization/invitations/accept", joining).status_code == 400


def test_a_reset_of_a_proved_account_revokes_nothing(anybody: APIClient) -> None:
    alice = factories.alice()
    client = factories.key_client(alice)
    body = {"token": mail.reset_token(alice), "password": NEW}
    assert anybody.post(f"{AUTH}/password/reset", body).status_code == 200
    assert client.get("/api/v1/users").status_code == 200
