"""Failing payments: warnings, grace, and the free plan; and what nights repair."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.core import mail
from rest_framework.test import APIClient

from accounts import audit
from accounts.models import AuditEntry, Developer
from billing import plans, reconcile, settle, tasks
from billing.models import Invoice, Subscription
from tests import factories
from tests.billing.razorpay_server import Razorpay
from tests.billing.test_checkout import paid, shown, tell
from wearlink.lib import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the mails that are handed to the workers, sent at once."""
    found: list[tuple[str, str]] = []

    def send_task(name: str, values: list[Any], **_: Any) -> None:
        if name == settle.MAIL:
            tasks.mail_owners(*values)
            found.append(("mail", values[1]))

    monkeypatch.setattr(current_app, "send_task", send_task)
    return found


def later(monkeypatch: pytest.MonkeyPatch, **by: float) -> datetime:
    moment = datetime.now(UTC) + timedelta(**by)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


def test_failing_payments_warn_and_keep_the_plan_for_the_grace_period(
    owner: APIClient,
    razorpay: Razorpay,
    mails: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    name = paid(owner, razorpay)
    with django_capture_on_commit_callbacks(execute=True):
        razorpay.now -= 86_400
        razorpay.fail(name)
        tell(razorpay)
    found = shown(owner)
    assert (found["plan"], found["subscription"]["status"]) == ("developer", "pending")
    assert (found["banner"]["severity"], found["banner"]["code"]) == ("warning", "payment_pending")
    assert found["subscription"]["grace_until"][:10] in found["banner"]["message"]
    with django_capture_on_commit_callbacks(execute=True):
        razorpay.fail(name, "halted")
        tell(razorpay)
        tell(razorpay)
    assert shown(owner)["banner"]["code"] == "payment_halted"
    later(monkeypatch, days=6)
    assert settle.look_after() == 0
    later(monkeypatch, days=8)
    with django_capture_on_commit_callbacks(execute=True):
        assert settle.look_after() == 1
        assert settle.look_after() == 0
    found = shown(owner)
    assert (found["plan"], found["limits"]["photos_per_day"]) == ("hobby", 20)
    assert (found["banner"]["severity"], found["banner"]["code"]) == ("critical", "grace_ended")
    assert [word for _, word in mails] == ["pending", "halted", "grace_ended"]
    assert [one.to for one in mail.outbox] == [["alice@example.com"]] * 3
    assert "Nothing was deleted" in mail.outbox[2].body
    assert AuditEntry.objects.filter(action="billing.grace_ended").count() == 1


def test_a_payment_brings_the_plan_back(
    owner: APIClient, razorpay: Razorpay, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = paid(owner, razorpay)
    razorpay.fail(name, "halted")
    tell(razorpay)
    later(monkeypatch, days=30)
    settle.look_after()
    assert shown(owner)["plan"] == "hobby"
    razorpay.charge(name)
    tell(razorpay)
    found = shown(owner)
    assert (found["plan"], found["banner"], found["subscription"]["failing_since"]) == ("developer", None, None)


def test_a_paused_subscription_keeps_what_is_paid(
    owner: APIClient, razorpay: Razorpay, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = paid(owner, razorpay)
    razorpay.pause(name, query={}, body={"pause_at": "now"})
    tell(razorpay)
    assert shown(owner)["plan"] == "developer"
    later(monkeypatch, days=31)
    settle.look_after()
    assert shown(owner)["plan"] == "hobby"


def test_nights_repair_what_webhooks_missed(owner: APIClient, razorpay: Razorpay) -> None:
    name = paid(owner, razorpay)
    second = razorpay.charge(name)
    razorpay.refund(second["id"], 1_000)
    razorpay.fail(name, "halted")
    razorpay.events = []
    assert reconcile.run() == 0
    assert Subscription.objects.get().status == "halted"
    assert Invoice.objects.count() == 2
    assert Invoice.objects.get(payment_id=second["id"]).refunded == 1_000
    before = AuditEntry.objects.count()
    assert reconcile.run() == 0
    assert (Invoice.objects.count(), AuditEntry.objects.count()) == (2, before)


def test_one_subscription_that_cannot_be_asked_about_does_not_stop_the_others(
    owner: APIClient, razorpay: Razorpay
) -> None:
    stranger = factories.dashboard_client(factories.charlie())
    paid(owner, razorpay)
    paid(stranger, razorpay)
    razorpay.faults = ["502"]
    assert reconcile.run() == 1
    assert reconcile.run() == 0


def test_without_keys_nights_do_nothing(alice: Developer, settings: Any) -> None:
    settings.RAZORPAY_KEY_ID = ""
    assert (reconcile.run(), reconcile.settle_claims()) == (0, 0)


def test_a_plan_that_was_granted_can_be_taken_back(alice: Developer, owner: APIClient, razorpay: Razorpay) -> None:
    paid(owner, razorpay)
    plans.grant(alice.organization, "enterprise", audit.SYSTEM)
    assert shown(owner)["limits"]["requests_per_minute"] is None
    settle.withdraw_grant(alice.organization, audit.SYSTEM)
    assert (shown(owner)["plan"], shown(owner)["granted"]) == ("developer", False)
    actions = AuditEntry.objects.filter(action__startswith="billing.").values_list("action", flat=True)
    assert {"billing.plan_granted", "billing.grant_withdrawn"} <= set(actions)
