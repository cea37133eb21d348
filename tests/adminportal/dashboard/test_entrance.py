"""The doors of the portal, and who gets through them."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiKey, AuditEntry, Developer, Organization
from adminportal import announcements
from adminportal.dashboard.navigation import links
from adminportal.platform import developers
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in

pytestmark = pytest.mark.django_db


def test_strangers_are_led_to_the_login_and_then_to_where_they_wanted(alice: Developer) -> None:
    client = Client()
    answer = client.get("/dashboard?x=1")
    assert answer["Location"] == "/dashboard/login?next=%2Fdashboard%3Fx%3D1"
    entered = client.post(answer["Location"], {"email": alice.email, "password": factories.PASSWORD})
    assert entered["Location"] == "/dashboard?x=1"


def test_the_login_leads_nowhere_else(alice: Developer) -> None:
    for elsewhere in ("https://example.com/dashboard", "//example.com/dashboard", "/admin/"):
        sent = {"email": alice.email, "password": factories.PASSWORD}
        assert Client().post(f"/dashboard/login?next={elsewhere}", sent)["Location"] == "/dashboard"


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(alice: Developer) -> None:
    for email in (alice.email, "nobody@example.com"):
        answer = Client().post("/dashboard/login", {"email": email, "password": "not the password"})
        assert answer.status_code == 401
        assert b"Incorrect email or password." in answer.content


def test_a_lock_by_an_administrator_ends_the_session_at_once(
    alice: Developer, browser_of_alice: Client, root: Developer
) -> None:
    developers.lock(alice.pk, root)
    assert browser_of_alice.get("/dashboard").status_code == 302


def test_signing_up_shows_the_key_once(text: Any) -> None:
    client = Client()
    sent = {"email": "Dana@example.com", "password": factories.PASSWORD, "organization_name": "Delta"}
    answer = client.post("/dashboard/sign-up", sent)
    assert answer.status_code == 201
    secret = re.search(r"sk-\w+", text(answer))
    assert secret
    assert ApiKey.objects.get().listed_id == secret.group()[:11]
    assert Organization.objects.get().name == "Delta"
    home = client.get("/dashboard")
    assert "Get started" in text(home)
    assert secret.group() not in text(home)


def test_what_signing_up_refuses_stands_at_its_field(alice: Developer, text: Any) -> None:
    taken = Client().post("/dashboard/sign-up", {"email": alice.email, "password": factories.PASSWORD})
    assert taken.status_code == 400
    assert "already has an account" in text(taken)
    weak = Client().post("/dashboard/sign-up", {"email": "dana@example.com", "password": "short"})
    assert weak.status_code == 400
    assert 'id="id_password_error"' in text(weak)
    assert Organization.objects.count() == 1


def test_asking_for_a_new_password_does_not_tell_who_has_an_account(alice: Developer, text: Any) -> None:
    answers = [text(Client().post("/dashboard/forgot", {"email": one})) for one in (alice.email, "x@example.com")]
    assert answers[0] == answers[1]
    assert "a mail is on its way" in answers[0]


def test_signing_out_ends_every_session_and_is_written_down(alice: Developer, browser_of_alice: Client) -> None:
    other = signed_in(alice)
    assert browser_of_alice.post("/dashboard/logout").status_code == 302
    assert other.get("/dashboard").status_code == 302
    assert AuditEntry.objects.filter(action="auth.signed_out").count() == 1


def test_every_page_has_the_strict_policy(browser_of_alice: Client) -> None:
    answer = browser_of_alice.get("/dashboard")
    assert answer["Content-Security-Policy"].startswith("default-src 'self'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


def test_the_theme_is_that_of_the_cookie(browser_of_alice: Client, text: Any) -> None:
    browser_of_alice.post("/theme", {"theme": "dark", "back": "/dashboard"})
    assert '<html lang="en" class="dark">' in text(browser_of_alice.get("/dashboard"))


def test_a_banner_is_shown_until_it_is_closed(browser_of_alice: Client, root: Developer, text: Any) -> None:
    row = announcements.publish({"title": "Maintenance on Sunday"}, root)
    assert "Maintenance on Sunday" in text(browser_of_alice.get("/dashboard"))
    browser_of_alice.post("/dashboard/announcement", {"announcement": str(row.pk)})
    assert "Maintenance on Sunday" not in text(browser_of_alice.get("/dashboard"))
    announcements.publish({"title": "Another one"}, root)
    assert "Another one" in text(browser_of_alice.get("/dashboard"))


def test_every_section_of_the_side_bar_answers(browser_of_alice: Client) -> None:
    for link in links("home"):
        assert browser_of_alice.get(link.href).status_code == 200, link.href


def test_addresses_that_people_guess_lead_to_the_doors(alice: Developer, browser_of_alice: Client, text: Any) -> None:
    stranger = Client()
    assert stranger.get("/login?next=/dashboard/team")["Location"] == "/dashboard/login?next=/dashboard/team"
    assert stranger.get("/signup")["Location"] == stranger.get("/sign-up")["Location"] == "/dashboard/sign-up"
    assert stranger.get("/logout")["Location"] == "/dashboard/login"
    for address in ("/logout", "/dashboard/logout"):
        assert f"You are signed in as {alice.email}" in text(browser_of_alice.get(address))
    assert browser_of_alice.get("/dashboard").status_code == 200  # nothing has ended by looking
    browser_of_alice.post("/dashboard/logout")
    assert browser_of_alice.get("/dashboard").status_code == 302
