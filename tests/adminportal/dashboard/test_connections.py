"""Requests about a connection: the newest data, the past, no more of it, and its end."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import EndUser
from providers.models import Backfill, Connection, SyncRun

pytestmark = pytest.mark.django_db


def connected(jane: EndUser, provider: str, **values: Any) -> Connection:
    return Connection.objects.create(
        user_key=jane.key, organization_id=jane.organization_id, provider=provider, account="a-1", **values
    )


def page_of(jane: EndUser) -> str:
    return f"/dashboard/end-users/{jane.id}/connections"


def test_history_of_a_provider_that_is_pulled_is_a_run_with_its_range(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    connected(jane, "polar")
    assert "History reaches back the last 365 days" in text(browser_of_alice.get(page_of(jane)))
    shown = text(browser_of_alice.post(f"{page_of(jane)}/polar/history", follow=True))
    run = SyncRun.objects.get()
    assert (run.trigger, (run.end - run.start).days) == ("historical", 365)
    assert f"from {run.start:%-d %b %Y} to {run.end:%-d %b %Y} has been ordered" in shown
    alone = browser_of_alice.get(f"/dashboard/end-users/{jane.id}/sync-runs")
    assert alone.headers["Location"] == f"/dashboard/end-users/{jane.id}/connections"
    part = browser_of_alice.get(f"/dashboard/end-users/{jane.id}/sync-runs", headers={"HX-Request": "true"})
    assert "queued" in text(part)
    assert 'hx-trigger="every 4s"' in text(part)


def test_history_that_is_pushed_shows_its_types_is_cancelled_and_asked_for_again(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    connected(jane, "garmin", scopes=["HISTORICAL_DATA_EXPORT", "HEALTH_EXPORT", "ACTIVITY_EXPORT"])
    shown = text(browser_of_alice.post(f"{page_of(jane)}/garmin/history", follow=True))
    row = Backfill.objects.get()
    assert f"{row.start:%-d %b %Y}" in shown
    assert "pending" in shown
    cancelled = text(browser_of_alice.post(f"{page_of(jane)}/garmin/backfill/cancel", follow=True))
    assert "is asked for no more" in cancelled
    assert "Ask again for sleep" in cancelled
    again = text(browser_of_alice.post(f"{page_of(jane)}/garmin/backfill/retry", {"type": "sleep"}, follow=True))
    assert "is asked for sleep again" in again
    assert row.parts.filter(type="sleep", state="pending").exists()
    wrong = browser_of_alice.post(f"{page_of(jane)}/garmin/backfill/retry", {"type": "moods"}, follow=True)
    assert "has no type of this name" in text(wrong)


def test_what_has_ended_is_asked_for_nothing_and_says_so(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    connected(jane, "polar", status=Connection.Status.EXPIRED)
    assert "Get history" not in text(browser_of_alice.get(page_of(jane)))
    shown = text(browser_of_alice.post(f"{page_of(jane)}/polar/history", follow=True))
    assert "must connect again" in shown
    assert not SyncRun.objects.exists()
    assert browser_of_alice.post(f"{page_of(jane)}/oura/backfill/cancel").status_code == 404


def test_disconnecting_asks_first_even_without_a_script(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    connected(jane, "polar")
    asked = text(browser_of_alice.get(f"{page_of(jane)}?confirm=end-polar"))
    assert 'aria-labelledby="ask-end-polar-title" open>' in asked
    browser_of_alice.post(f"{page_of(jane)}/polar/end")
    assert Connection.objects.get().status == Connection.Status.REVOKED


def test_the_diagnosis_leads_to_where_things_are_done_and_names_no_call(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    connected(jane, "garmin")
    connected(jane, "polar", status=Connection.Status.EXPIRED, reason="token_rejected")
    connected(jane, "oura", status=Connection.Status.EXPIRED, reason="vendor_retired")
    shown = text(browser_of_alice.get(page_of(jane)))
    diagnosis = shown[: shown.index("Do this by API")]
    assert "Enter the client id and secret again." in diagnosis
    assert '<a href="/dashboard/providers/garmin">Settings of Garmin</a>' in diagnosis
    assert "Have Jane connect again" in diagnosis
    assert '<a href="#connect">Make a connect link</a>' in diagnosis
    for call in ("PUT /", "GET /", "POST …", "{BASE_URL}"):
        assert call not in diagnosis


def test_what_has_ended_is_not_asked_for_its_past_again(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    connected(jane, "garmin", status=Connection.Status.EXPIRED)
    shown = browser_of_alice.post(f"{page_of(jane)}/garmin/backfill/retry", {"type": "sleep"}, follow=True)
    assert "the user must connect again" in text(shown)
    assert not Backfill.objects.exists()


def test_a_connect_link_returns_to_an_address_that_the_organization_allows(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    address = "https://app.example.com/done"
    jane.organization.redirect_addresses = [address]
    jane.organization.save(update_fields=["redirect_addresses"])
    link = f"/dashboard/end-users/{jane.id}/connect-link"
    assert f"<option>{address}</option>" in text(browser_of_alice.get(page_of(jane)))
    made = text(browser_of_alice.post(link, {"redirect_uri": address}))
    assert "/connect/" in made
    assert browser_of_alice.post(link, {"redirect_uri": "https://elsewhere.example.com"}).status_code == 400
