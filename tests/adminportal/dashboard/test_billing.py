"""Usage and billing in the portal, against a stand-in for Razorpay."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import AuditEntry, Developer
from billing.models import Invoice, Subscription
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in
from tests.billing.delivering import deliver
from tests.billing.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, Razorpay, serving
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/billing"


@pytest.fixture
def razorpay(settings: Any) -> Iterator[Razorpay]:
    """An installation that takes payments."""
    settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
    settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS = WEBHOOK_SECRET, ""
    with serving(Razorpay(now=clock.now_ms() // 1000)) as server:
        settings.RAZORPAY_API_URL = server.url
        yield server


def paid(browser: Client, razorpay: Razorpay) -> Subscription:
    browser.post(f"{PAGE}/subscribe", {"plan": "developer"})
    name = Subscription.objects.get().razorpay_id or ""
    razorpay.authorise(name)
    razorpay.charge(name)
    events, razorpay.events = razorpay.events, []
    for event in events:
        deliver(event, razorpay.next("evt"))
    return Subscription.objects.get()


def audited(action: str) -> int:
    """Return how many entries tell of it."""
    return AuditEntry.objects.filter(action=action).count()


def test_limits_stand_there_in_words_and_warn_before_they_are_reached(
    alice: Developer, browser_of_alice: Client, text: Any
) -> None:
    alice.organization.max_end_users = 2
    alice.organization.save(update_fields=["max_end_users"])
    factories.end_user(alice.organization)
    assert "1 of 2, 1 left" in text(browser_of_alice.get(PAGE))
    factories.end_user(alice.organization)
    page = text(browser_of_alice.get(PAGE))
    assert "2 of 2, 0 left" in page
    assert "used up" in page


def test_where_no_payments_are_taken_nothing_is_sold(browser_of_alice: Client, text: Any, settings: Any) -> None:
    settings.RAZORPAY_KEY_ID = ""
    page = text(browser_of_alice.get(PAGE))
    assert "This installation takes no payments" in page
    assert "Subscribe to" not in page
    refused = text(browser_of_alice.post(f"{PAGE}/subscribe", {"plan": "developer"}, follow=True))
    assert "dash-flash-bad" in refused
    assert not Subscription.objects.exists()


def test_a_plan_is_bought_by_a_link_to_the_payment(browser_of_alice: Client, razorpay: Razorpay, text: Any) -> None:
    assert "Subscribe to Developer" in text(browser_of_alice.get(PAGE))
    page = text(browser_of_alice.post(f"{PAGE}/subscribe", {"plan": "developer"}, follow=True))
    made = Subscription.objects.get()
    assert made.short_url in page
    assert "Pay now" in page
    assert audited("billing.checkout_started") == 1


def test_a_plan_is_changed_paused_resumed_and_cancelled(
    browser_of_alice: Client, razorpay: Razorpay, text: Any
) -> None:
    row = paid(browser_of_alice, razorpay)
    browser_of_alice.post(f"{PAGE}/change", {"plan": "scale", "when": "cycle_end"})
    row.refresh_from_db()
    assert row.next_plan == "scale"
    browser_of_alice.post(f"{PAGE}/resume")
    row.refresh_from_db()
    assert row.next_plan == ""
    browser_of_alice.post(f"{PAGE}/pause")
    row.refresh_from_db()
    assert row.status == "paused"
    browser_of_alice.post(f"{PAGE}/resume")
    browser_of_alice.post(f"{PAGE}/cancel", {"when": "cycle_end"})
    row.refresh_from_db()
    assert row.cancel_at_cycle_end
    for act in ("plan_change_requested", "pause_requested", "cancel_requested"):
        assert audited(f"billing.{act}") == 1, act
    assert audited("billing.resume_requested") == 2
    assert "with the paid cycle" in text(browser_of_alice.get(PAGE))


def test_a_choice_that_is_none_is_refused_in_words(browser_of_alice: Client, razorpay: Razorpay, text: Any) -> None:
    paid(browser_of_alice, razorpay)
    page = text(browser_of_alice.post(f"{PAGE}/cancel", {"when": "never"}, follow=True))
    assert "dash-flash-bad" in page
    assert Subscription.objects.get().status == "active"


def test_an_invoice_is_listed_and_downloaded_by_its_own_organization_alone(
    browser_of_alice: Client, razorpay: Razorpay, text: Any
) -> None:
    paid(browser_of_alice, razorpay)
    invoice = Invoice.objects.get()
    assert invoice.number in text(browser_of_alice.get(PAGE))
    answer = browser_of_alice.get(f"{PAGE}/invoices/{invoice.pk}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    stranger = signed_in(factories.charlie())
    assert stranger.get(f"{PAGE}/invoices/{invoice.pk}.pdf").status_code == 404
    assert stranger.get(f"{PAGE}/invoices/{uuid4()}.pdf").status_code == 404
    assert invoice.number not in text(stranger.get(PAGE))


@pytest.mark.parametrize("act", ["subscribe", "change", "cancel", "pause", "resume"])
def test_members_read_and_buy_nothing(alice: Developer, razorpay: Razorpay, act: str) -> None:
    bob = signed_in(factories.bob(alice))
    assert bob.get(PAGE).status_code == 200
    assert bob.post(f"{PAGE}/{act}", {"plan": "developer", "when": "now"}).status_code == 403
    assert not Subscription.objects.exists()


def test_a_failing_payment_is_told_on_the_page(browser_of_alice: Client, razorpay: Razorpay, text: Any) -> None:
    row = paid(browser_of_alice, razorpay)
    row.status, row.failing_since = Subscription.Status.PENDING, clock.now() - timedelta(days=1)
    row.save(update_fields=["status", "failing_since"])
    page = text(browser_of_alice.get(PAGE))
    assert "Your last payment failed" in page
    assert "payment failed, tried again" in page
