"""A developer's own second factor: set up, asked for at the door, renewed, removed, and lost."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts import tasks
from accounts.models import AuditEntry, Developer, SecondFactorDevice
from accounts.sign_in import second_factor
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/second-factor"
PASSWORD = {"password": factories.PASSWORD}


def codes_in(answer: Any) -> list[str]:
    return re.findall(r"<code>((?:[a-z2-7]{4} ?){4})</code>", answer.content.decode())


def sent(client: Client, act: str, **more: str) -> Any:
    return client.post(PAGE, {"act": act, **PASSWORD, **more})


def test_it_is_set_up_by_a_qr_code_and_asked_for_from_then_on(alice: Developer, text: Any) -> None:
    client, elsewhere = signed_in(alice), signed_in(alice)
    assert "Set up" in text(client.get(PAGE))
    client.post(PAGE, {"act": "begin"})
    shown = text(client.get(PAGE))
    assert "data:image/svg+xml" in shown
    device = SecondFactorDevice.objects.get(user=alice)
    assert second_factor.typed_key(device) in shown
    refused = sent(client, "confirm", code="12345")
    assert refused.status_code == 400
    assert "Is the clock of your phone right?" in text(refused)
    SecondFactorDevice.objects.update(throttling_failure_count=0)
    codes = codes_in(sent(client, "confirm", code=factories.code_of(device)))
    assert len(codes) == 10
    assert codes[0] not in text(client.get(PAGE))
    assert "10 recovery codes left" in text(client.get(PAGE))
    assert elsewhere.get("/dashboard").status_code == 302  # it was signed in before

    door = Client()
    answer = door.post("/dashboard/login", {"email": alice.email, **PASSWORD})
    assert answer["Location"] == "/dashboard/login/code"
    assert door.get("/dashboard")["Location"].startswith("/dashboard/login")
    assert door.post("/dashboard/login/code", {"code": codes[0]})["Location"] == "/dashboard"
    assert door.get("/dashboard").status_code == 200
    assert "9 recovery codes left" in text(door.get(PAGE))


def test_nobody_sets_up_renews_or_removes_one_without_the_password(alice: Developer, text: Any) -> None:
    client = signed_in(alice)
    client.post(PAGE, {"act": "begin"})
    device = SecondFactorDevice.objects.get(user=alice)
    wrong = {"password": "not the password"}
    answer = client.post(PAGE, {"act": "confirm", "code": factories.code_of(device), **wrong})
    assert (answer.status_code, second_factor.is_set_up(alice)) == (400, False)
    assert "Is not your password." in unescape(text(answer))
    assert len(codes_in(sent(client, "confirm", code=factories.code_of(device)))) == 10
    for act in ("renew", "remove"):
        assert client.post(PAGE, {"act": act, **wrong}).status_code == 400
    assert len(codes_in(sent(client, "renew"))) == 10
    assert sent(client, "remove").status_code == 302
    assert not SecondFactorDevice.objects.exists()
    assert signed_in(alice).get("/dashboard").status_code == 200
    acts = ["developer.second_factor_added", "developer.recovery_codes_renewed", "developer.second_factor_removed"]
    assert list(AuditEntry.objects.filter(action__in=acts).order_by("id").values_list("action", flat=True)) == acts


def test_whoever_works_for_the_platform_keeps_one_where_the_installation_wants_it(
    root: Developer, settings: Any, text: Any
) -> None:
    settings.ADMIN_MFA = True
    client = signed_in(root)
    client.post(PAGE, {"act": "begin"})
    sent(client, "confirm", code=factories.code_of(SecondFactorDevice.objects.get(user=root)))
    assert "Remove the second factor" not in text(client.get(PAGE))
    assert sent(client, "remove").status_code == 403
    assert second_factor.is_set_up(root)


def test_an_owner_removes_the_lost_one_of_a_member_who_is_mailed(
    alice: Developer, text: Any, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    bob = factories.bob(alice)
    factories.with_second_factor(bob)
    path = f"/dashboard/team/{bob.pk}/second-factor/remove"
    team = signed_in(alice)
    assert path in text(team.get("/dashboard/team"))
    with django_capture_on_commit_callbacks() as ordered:
        done = team.post(path, follow=True)
    assert len(ordered) == 1
    tasks.send_second_factor_removed(str(bob.pk))
    (letter,) = mailoutbox
    assert (letter.to, letter.subject) == (["bob@example.com"], "Your second factor was removed")
    assert "bob@example.com signs in by password alone now" in text(done)
    assert "Audit entry #" in text(done)
    assert path not in text(done)
    assert signed_in(bob).post(path).status_code == 403
    charlie = factories.charlie()
    factories.with_second_factor(charlie)
    assert team.post(f"/dashboard/team/{charlie.pk}/second-factor/remove").status_code == 404
