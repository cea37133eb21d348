"""Vendors' apps in the portal: entered, checked at the simulated vendors, removed; and who is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, Developer
from adminportal.dashboard.account import setup_guides
from providers.models import ProviderApp
from providers.simulator import server
from providers.simulator.world import SimulatedWorld, settings_at
from providers.vendor_api import app_check, credentials
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/providers/oura"
SECRET = "a client secret of oura"


@pytest.fixture
def world(settings: Any) -> Iterator[SimulatedWorld]:
    with server.running() as found:
        settings.PROVIDERS = settings_at(found.url)
        yield found


def enter(browser: Client, **values: str) -> Any:
    return browser.post(PAGE, {"client_id": "our-app", "client_secret": SECRET, **values})


def audited(action: str) -> int:
    """Return how many entries tell of it."""
    return AuditEntry.objects.filter(action=action).count()


def test_every_vendor_has_a_guide_that_names_its_screens() -> None:
    for provider in credentials.all_clouds():
        steps = setup_guides.steps_for(provider.slug)
        assert len(steps) >= 4, provider.slug
        assert any("https://" in step for step in steps), provider.slug
        assert any("callback address" in step for step in steps), provider.slug


def test_the_callback_address_stands_there_before_there_is_an_app(browser_of_alice: Client, text: Any) -> None:
    page = text(browser_of_alice.get(PAGE))
    assert "/v1/providers/oura/callback" in page
    assert "https://developer.ouraring.com" in page


def test_credentials_are_entered_shown_masked_and_kept_while_the_secret_is_left_empty(
    alice: Developer, browser_of_alice: Client, text: Any
) -> None:
    assert enter(browser_of_alice, scopes="daily\nheartrate").status_code == 302
    row = ProviderApp.objects.get()
    assert (row.organization_id, row.client_id, row.scopes) == (
        alice.organization_id,
        "our-app",
        ["daily", "heartrate"],
    )
    page = text(browser_of_alice.get(PAGE))
    assert SECRET not in page
    assert "…oura" in page
    assert f"/v1/webhooks/oura/{row.pk}" in page
    assert enter(browser_of_alice, client_secret="", scopes="").status_code == 302
    row.refresh_from_db()
    assert credentials.read_secrets(row.secrets).client_secret == SECRET
    assert row.scopes == []
    assert (audited("provider_settings.created"), audited("provider_settings.updated")) == (1, 1)


def test_the_secret_is_wanted_the_first_time(browser_of_alice: Client, text: Any) -> None:
    answer = enter(browser_of_alice, client_secret="")
    assert answer.status_code == 400
    assert 'id="error-client_secret"' in text(answer)
    assert not ProviderApp.objects.exists()


def test_a_secret_is_not_sent_back_with_a_form_that_was_refused(browser_of_alice: Client, text: Any) -> None:
    assert SECRET not in text(enter(browser_of_alice, client_id=""))


def test_an_app_that_the_vendor_knows_is_told_from_one_that_it_does_not(
    browser_of_alice: Client, world: SimulatedWorld, text: Any
) -> None:
    enter(browser_of_alice)
    assert "Oura knows this client id and secret." in text(browser_of_alice.post(f"{PAGE}/check", follow=True))
    known = app_check._read("Oura", 400, b'{"error": "invalid_grant"}')
    unknown = app_check._read("Oura", 401, b'{"error": "invalid_client"}')
    silent = app_check._read("Oura", 404, b"<html>")
    assert (known.status, unknown.status, silent.status) == ("accepted", "refused", "unclear")


def test_a_vendor_that_does_not_answer_is_said_so(browser_of_alice: Client, text: Any, settings: Any) -> None:
    settings.PROVIDERS = {"PROVIDER_OURA_TOKEN_URL": "http://127.0.0.1:9/token"}
    enter(browser_of_alice)
    page = text(browser_of_alice.post(f"{PAGE}/check", follow=True))
    assert "knows this client id" not in page
    assert "dash-flash" in page


def test_credentials_are_removed(browser_of_alice: Client) -> None:
    enter(browser_of_alice)
    browser_of_alice.post(f"{PAGE}/remove")
    assert not ProviderApp.objects.exists()
    assert audited("provider_settings.deleted") == 1


def test_members_see_the_guide_and_neither_secrets_nor_buttons(alice: Developer, text: Any) -> None:
    enter(signed_in(alice))
    bob = signed_in(factories.bob(alice))
    page = text(bob.get(PAGE))
    assert "How to set it up" in page
    assert "Save credentials" not in page
    assert "…oura" not in page
    for act in ("", "/remove", "/check"):
        assert bob.post(f"{PAGE}{act}", {"client_id": "x", "client_secret": "y"}).status_code == 403, act
    assert ProviderApp.objects.get().client_id == "our-app"


def test_the_app_of_others_is_neither_seen_nor_removed(alice: Developer, text: Any) -> None:
    enter(signed_in(alice))
    stranger = signed_in(factories.charlie())
    assert "our-app" not in text(stranger.get(PAGE))
    for act in ("remove", "check"):
        assert stranger.post(f"{PAGE}/{act}").status_code == 404
    assert ProviderApp.objects.filter(organization=alice.organization).exists()


def test_a_vendor_that_there_is_not_is_a_404(browser_of_alice: Client) -> None:
    for slug in ("nonesuch", "apple"):
        assert browser_of_alice.get(f"/dashboard/providers/{slug}").status_code == 404
