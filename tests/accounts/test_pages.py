"""Pages behind the links in our mails change nothing until a button is pressed."""

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client

from accounts import mail
from accounts.models import Developer, Invitation
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def body(answer: Any) -> str:
    return str(answer.content.decode())


def test_opening_the_link_confirms_nothing_and_the_button_does() -> None:
    alice = factories.alice()
    Developer.objects.filter(pk=alice.pk).update(email_verified_at=None)
    path = f"/verify-email?token={mail.verification_token(alice)}"
    assert "Confirm my address" in body(Client().get(path))
    assert Developer.objects.get(pk=alice.pk).email_verified_at is None
    assert "is confirmed" in body(Client().post(path))
    assert Developer.objects.get(pk=alice.pk).email_verified_at is not None


def test_a_new_password_is_set_once() -> None:
    alice = factories.alice()
    path = f"/reset-password?token={mail.reset_token(alice)}"
    assert Client().get(path).status_code == 200
    assert "is set" in body(Client().post(path, {"password": PASSWORD}))
    assert check_password(PASSWORD, Developer.objects.get(pk=alice.pk).password)
    again = Client().post(path, {"password": "another long passphrase"})
    assert again.status_code == 410
    assert "not valid any more" in body(again)


def test_a_weak_password_is_refused_at_its_field() -> None:
    answer = Client().post(f"/reset-password?token={mail.reset_token(factories.alice())}", {"password": "short"})
    assert answer.status_code == 400
    assert "too short" in body(answer)
    assert 'aria-invalid="true"' in body(answer)


def test_an_invited_developer_joins_without_knowing_the_api() -> None:
    alice = factories.alice()
    client = factories.dashboard_client(alice)
    client.post("/api/v1/organization/invitations", {"email": "dana@example.com"}, format="json")
    path = f"/invitation?token={mail.invitation_token(Invitation.objects.get())}"
    asked = body(Client().get(path))
    assert f"Join {alice.organization.name}" in asked
    assert "dana@example.com" in asked
    assert "Create my account" in asked
    ready = body(Client().post(path, {"name": "Dana", "password": PASSWORD}))
    assert "Your account is ready" in ready
    assert "/dashboard/login" in ready
    dana = Developer.objects.get(email="dana@example.com")
    assert dana.organization_id == alice.organization_id
    assert Client().post(path, {"name": "Dana", "password": PASSWORD}).status_code == 410
    assert "This link does not work" in body(Client().get(path))


@pytest.mark.parametrize("path", ["/verify-email", "/reset-password", "/invitation"])
@pytest.mark.parametrize("token", ["", "nonsense", "a\x00b", "é"])
def test_a_link_that_is_not_ours_says_so(path: str, token: str) -> None:
    answer = Client().post(path, {"name": "Dana", "password": PASSWORD}, QUERY_STRING=f"token={token}")
    assert answer.status_code == 410
    assert "This link does not work" in body(answer)


def test_guessing_is_slowed_down() -> None:
    answers = [Client().post("/reset-password?token=x", {"password": PASSWORD}) for _ in range(6)]
    assert [answer.status_code for answer in answers[-2:]] == [410, 429]
