"""Razorpay's events leave the same books in whatever order and however often they come."""

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from accounts import audit
from accounts.models import AuditEntry, Developer, Organization
from billing import plans
from billing.models import Invoice, RazorpayEvent, Subscription, VendorPlan
from billing.razorpay import events
from tests import factories
from tests.billing.delivering import (
    SAMPLES,
    books,
    dead,
    deliver,
    post,
    sample_subscription,
    samples,
    work,
)
from tests.billing.razorpay_server import Razorpay

pytestmark = pytest.mark.django_db

Order = Callable[[list[Any]], list[Any]]
ORDERS: dict[str, Order] = {
    "in order": lambda found: found,
    "twice": lambda found: [*found, *found],
    "each twice": lambda found: [one for one in found for _ in (1, 2)],
    "reversed": lambda found: found[::-1],
    "reversed twice": lambda found: [*found[::-1], *found[::-1]],
    "shuffled": lambda found: random.Random(7).sample(found, len(found)),
    "shuffled otherwise": lambda found: random.Random(11).sample(found, len(found)),
}


@pytest.mark.parametrize("order", ORDERS)
def test_the_samples_leave_the_same_books_in_any_order(alice: Developer, order: str) -> None:
    sample_subscription(alice.organization)
    for name, event in ORDERS[order](samples()):
        deliver(event, name)
    (found,) = books([alice.organization])
    assert dead() == []
    assert found["plan"] == "hobby"
    (subscription,) = found["subscriptions"]
    assert (subscription["status"], subscription["plan"], subscription["paid_count"]) == ("cancelled", "developer", 1)
    assert subscription["last_event_at"] == 1_777_020_000
    (invoice,) = found["invoices"]
    assert invoice["payment_id"] == "pay_WL00000000001"
    assert (invoice["amount"], invoice["amount_inr"], invoice["amount_usd"]) == (831_600, 831_600, 9_900)
    assert (invoice["status"], invoice["refunded"], invoice["fee"]) == ("refunded", 831_600, 19_626)
    assert (invoice["razorpay_id"], invoice["plan"]) == ("inv_WL00000000001", "developer")
    assert found["refunds"] == [("rfnd_WL0000000001", 831_600, "processed")]


def test_all_orders_agree_to_the_last_column(alice: Developer) -> None:
    found = []
    for number, order in enumerate(ORDERS.values()):
        organization = Organization.objects.create(name=f"Number {number}")
        Invoice.objects.all().delete()
        Subscription.objects.all().delete()
        RazorpayEvent.objects.all().delete()
        sample_subscription(organization)
        for name, event in order(samples()):
            deliver(event, name)
        found.append(books([organization]))
    assert all(one == found[0] for one in found)


def test_the_signatures_of_the_samples_are_accepted(alice: Developer, settings: Any) -> None:
    headers = json.loads((SAMPLES / "headers.example.json").read_text())["webhook"]
    settings.RAZORPAY_WEBHOOK_SECRET = headers["_secret"]
    body = (SAMPLES / headers["_body_file"]).read_bytes()
    signature = {"HTTP_X_RAZORPAY_SIGNATURE": headers["X-Razorpay-Signature"]}
    assert post(body, headers["x-razorpay-event-id"], **signature).status_code == 200


class EventsWorld:
    """Subscriptions of many organizations at the vendor, and what it told of them."""

    def __init__(self, number: int) -> None:
        self.razorpay = Razorpay()
        code = "developer"
        plan = self.razorpay.create_plan(
            query={},
            body={"period": "monthly", "interval": 1, "item": {"name": "D", "amount": 831_600, "currency": "INR"}},
        )
        vendor_plan = VendorPlan.objects.create(
            plan=plans.find(code), razorpay_id=plan["id"], amount=831_600, currency="INR"
        )
        self.organizations: dict[str, Organization] = {}
        for turn in range(number):
            entity = self.razorpay.create_subscription(query={}, body={"plan_id": plan["id"], "total_count": 120})
            organization = Organization.objects.create(name=f"Organization {turn}")
            self.organizations[entity["id"]] = organization
            Subscription.objects.create(
                organization=organization, vendor_plan=vendor_plan, razorpay_id=entity["id"], status="created"
            )

    def live(self, chance: random.Random) -> None:
        """Let all customers pay, and much happen to some."""
        for name in self.organizations:
            self.razorpay.authorise(name)
            payment = self.razorpay.charge(name)
            fate = chance.randrange(6)
            if fate == 0:
                self.razorpay.cancel(name, query={}, body={})
            elif fate == 1:
                self.razorpay.fail(name)
            elif fate == 2:
                self.razorpay.fail(name)
                self.razorpay.charge(name)
            elif fate == 3:
                self.razorpay.refund(payment["id"], 100_000)
            elif fate == 4:
                self.razorpay.charge(name)
                self.razorpay.pause(name, query={}, body={"pause_at": "now"})
            else:
                self.razorpay.fail(name)
                self.razorpay.fail(name, "halted")
            self.razorpay.now += 1


@pytest.mark.slow
def test_a_thousand_shuffled_and_doubled_events_of_a_hundred_subscriptions_end_right() -> None:
    world, chance = EventsWorld(100), random.Random(2026)
    world.live(chance)
    deliveries = [(f"evt_{number}", event) for number, event in enumerate(world.razorpay.events)]
    mixed = [*deliveries, *chance.sample(deliveries, len(deliveries))]
    while len(mixed) < 1_000:
        mixed.append(chance.choice(deliveries))
    chance.shuffle(mixed)
    for event_id, event in mixed:
        post(json.dumps(event).encode(), event_id)
        if chance.random() < 0.05:
            work()
    work()
    assert len(mixed) >= 1_000
    assert RazorpayEvent.objects.count() == len(deliveries)
    assert dead() == []
    captured = {one["id"] for one in world.razorpay.payments.values() if one["status"] == "captured"}
    assert sorted(Invoice.objects.values_list("payment_id", flat=True)) == sorted(captured)
    for name, organization in world.organizations.items():
        truth, row = world.razorpay.subscriptions[name], Subscription.objects.get(razorpay_id=name)
        assert (row.status, row.paid_count) == (truth["status"], truth["paid_count"])
        organization.refresh_from_db()
        assert organization.plan == ("hobby" if truth["status"] in ("cancelled",) else "developer") or (
            truth["status"] in ("pending", "halted", "paused")
        )
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"WL-2026-{number:06}" for number in range(1, len(captured) + 1)]
    assert audit.first_broken(next(iter(world.organizations.values())).pk) is None


@pytest.mark.django_db(transaction=True)
def test_ten_deliveries_at_once_have_one_effect() -> None:
    organization = factories.alice().organization
    sample_subscription(organization)
    body = (SAMPLES / "wh.subscription.charged.json").read_bytes()

    def send(_: int) -> int:
        try:
            answer = post(body, "evt_same")
            work()
            return int(answer.status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(send, range(10))) == [200] * 10
    work()
    assert (RazorpayEvent.objects.count(), Invoice.objects.count()) == (1, 1)
    assert AuditEntry.objects.filter(action="billing.invoice_recorded").count() == 1
    assert Subscription.objects.get().paid_count == 1


def test_the_same_body_under_another_id_has_one_effect(alice: Developer) -> None:
    sample_subscription(alice.organization)
    body = (SAMPLES / "wh.subscription.charged.json").read_bytes()
    for event_id in ("evt_a", "evt_b", ""):
        assert post(body, event_id).status_code == 200
    work()
    assert (RazorpayEvent.objects.count(), Invoice.objects.count()) == (3, 1)


def test_a_refund_that_comes_before_its_payment_counts(alice: Developer) -> None:
    sample_subscription(alice.organization)
    sample_events = dict(samples())
    deliver(sample_events["wh.refund.processed"], "evt_refund")
    assert Invoice.objects.count() == 0
    deliver(sample_events["wh.subscription.charged"], "evt_charged")
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.refunded) == ("refunded", 831_600)


def test_parts_of_a_payment_can_go_back(alice: Developer) -> None:
    sample_subscription(alice.organization)
    sample_events = dict(samples())
    deliver(sample_events["wh.subscription.charged"], "evt_charged")
    for number, amount in enumerate((300_000, 531_600)):
        event = json.loads(json.dumps(sample_events["wh.refund.processed"]))
        event["payload"]["refund"]["entity"] |= {"id": f"rfnd_{number}", "amount": amount}
        deliver(event, f"evt_refund_{number}")
        invoice = Invoice.objects.get()
        assert invoice.status == ("partially_refunded", "refunded")[number]
    assert invoice.refunded == 831_600


def test_a_refund_that_failed_gives_nothing_back(alice: Developer) -> None:
    sample_subscription(alice.organization)
    sample_events = dict(samples())
    deliver(sample_events["wh.subscription.charged"], "evt_charged")
    event = json.loads(json.dumps(sample_events["wh.refund.created"]))
    event["event"], event["payload"]["refund"]["entity"]["status"] = "refund.failed", "failed"
    deliver(event, "evt_failed")
    assert Invoice.objects.get().status == "paid"


def test_an_event_about_a_subscription_of_somebody_else_changes_nothing(alice: Developer, razorpay: Razorpay) -> None:
    name, event = samples()[0]
    deliver(event, name)
    assert RazorpayEvent.objects.get().state == "ignored"
    assert not Subscription.objects.exists()


def test_a_subscription_whose_answer_was_lost_is_found_by_its_event(alice: Developer, razorpay: Razorpay) -> None:
    owner = factories.dashboard_client(alice)
    razorpay.faults = ["", "drop"]
    assert owner.post("/api/v1/billing/subscription", {"plan": "developer"}).status_code == 503
    (name,) = razorpay.subscriptions
    razorpay.authorise(name)
    razorpay.charge(name)
    for number, event in enumerate(razorpay.events):
        deliver(event, f"evt_{number}")
    row = Subscription.objects.get()
    assert (row.razorpay_id, row.status, row.paid_count) == (name, "active", 1)
    alice.organization.refresh_from_db()
    assert (alice.organization.plan, Invoice.objects.count()) == ("developer", 1)


def test_while_razorpay_is_down_an_unknown_subscription_waits(alice: Developer, settings: Any) -> None:
    name, event = samples()[0]
    assert post(json.dumps(event).encode(), name).status_code == 200
    work()
    row = RazorpayEvent.objects.get()
    assert (row.state, row.attempts) == ("received", 0)
    assert "GatewayDown" in row.error


def test_an_event_that_cannot_be_done_is_given_up_after_five_attempts(alice: Developer) -> None:
    sample_subscription(alice.organization)
    event = dict(samples())["wh.subscription.activated"]
    event["payload"]["subscription"]["entity"]["status"] = "levitating"
    post(json.dumps(event).encode(), "evt_odd")
    key = RazorpayEvent.objects.get().pk
    for _ in range(5):
        RazorpayEvent.objects.update(due_at="2026-01-01T00:00:00Z")
        assert not events.process(key)
    row = RazorpayEvent.objects.get()
    assert (row.state, row.attempts) == ("dead", 5)
    assert "levitating" in row.error
