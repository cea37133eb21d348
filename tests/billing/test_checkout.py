"""Buying, changing and ending, against a vendor that fails in every way."""

import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from accounts import audit
from accounts.models import AuditEntry, Developer
from billing import plans, reconcile
from billing.models import Invoice, Subscription
from tests import factories
from tests.billing.delivering import deliver
from tests.billing.razorpay_server import KEY_ID, KEY_SECRET, Razorpay

pytestmark = pytest.mark.django_db
URL = "/api/v1/billing/subscription"


def buy(owner: APIClient, plan: str = "developer", **headers: str) -> Any:
    return owner.post(URL, {"plan": plan}, format="json", **headers)


def paid(owner: APIClient, razorpay: Razorpay, plan: str = "developer") -> str:
    """Return a subscription that runs; its id at the vendor."""
    name = str(buy(owner, plan).json()["checkout"]["subscription_id"])
    razorpay.authorise(name)
    razorpay.charge(name)
    tell(razorpay)
    return name


def tell(razorpay: Razorpay) -> None:
    """The vendor delivers what it has to tell."""
    events, razorpay.events = razorpay.events, []
    for event in events:
        deliver(event, razorpay.next("evt"))


def shown(client: APIClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(URL).json()
    return found


def test_the_price_list(razorpay: Razorpay) -> None:
    found = APIClient().get("/api/v1/billing/plans").json()
    assert [(one["code"], one["price_usd"], one["price_inr"]) for one in found["data"]] == [
        ("hobby", 0, 0), ("developer", 99, 8316), ("scale", 499, 41916), ("enterprise", None, None),
    ]  # fmt: skip
    assert (found["usd_inr_rate"], found["checkout_available"]) == (84, True)
    assert found["data"][3]["limits"]["photos_per_day"] is None


def test_without_keys_checkout_says_so(owner: APIClient, settings: Any) -> None:
    settings.RAZORPAY_KEY_ID = ""
    plan = {"plan": "developer"}
    calls = [
        ("post", "", plan),
        ("patch", "", plan),
        ("post", "/cancel", {}),
        ("post", "/pause", {}),
        ("post", "/resume", {}),
    ]
    for method, path, body in calls:
        answer = getattr(owner, method)(URL + path, body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (501, "payments_not_configured"), path
        assert "administrator" in answer.json()["detail"]
    assert APIClient().get("/api/v1/billing/plans").json()["checkout_available"] is False


def test_checkout_answers_what_razorpays_page_needs(owner: APIClient, razorpay: Razorpay) -> None:
    answer = buy(owner)
    assert answer.status_code == 201
    (entity,) = razorpay.subscriptions.values()
    assert answer.json()["checkout"] == {
        "key_id": KEY_ID,
        "subscription_id": entity["id"],
        "short_url": entity["short_url"],
        "name": "WearLink",
        "description": "Developer plan, monthly",
    }
    assert KEY_SECRET not in answer.content.decode()
    (plan,) = razorpay.plans.values()
    assert (plan["item"]["amount"], plan["item"]["currency"]) == (831_600, "INR")
    row = Subscription.objects.get()
    assert entity["notes"]["request_id"] == str(row.request_id)
    assert (shown(owner)["plan"], shown(owner)["subscription"]["status"]) == ("hobby", "created")
    assert AuditEntry.objects.filter(action="billing.checkout_started").count() == 1


def test_paying_gives_the_plan_and_its_limits(
    alice: Developer, owner: APIClient, razorpay: Razorpay, django_capture_on_commit_callbacks: Any
) -> None:
    server = factories.key_client(alice)
    assert server.get("/api/v1/users")["X-RateLimit-Limit"] == "6000"
    with django_capture_on_commit_callbacks(execute=True):
        paid(owner, razorpay, "scale")
    assert server.get("/api/v1/users")["X-RateLimit-Limit"] == "120000"
    found = shown(owner)
    assert (found["plan"], found["limits"]["photos_per_day"], found["granted"]) == ("scale", 5000, False)
    assert found["subscription"]["status"] == "active"
    (invoice,) = owner.get("/api/v1/billing/invoices").json()["data"]
    assert (invoice["amount_inr"], invoice["amount_usd"], invoice["plan"]) == (41_916, 499, "scale")


def test_asking_again_answers_the_subscription_that_waits(owner: APIClient, razorpay: Razorpay) -> None:
    first, second = buy(owner), buy(owner)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(razorpay.subscriptions) == 1


def test_another_choice_before_paying_replaces_the_first(owner: APIClient, razorpay: Razorpay) -> None:
    buy(owner)
    assert buy(owner, "scale").status_code == 201
    assert sorted(one["status"] for one in razorpay.subscriptions.values()) == ["cancelled", "created"]
    assert shown(owner)["subscription"]["plan"] == "scale"


def test_one_that_runs_is_changed_not_bought_again(owner: APIClient, razorpay: Razorpay) -> None:
    paid(owner, razorpay)
    answer = buy(owner, "scale")
    assert (answer.status_code, answer.json()["code"]) == (409, "subscription_exists")


@pytest.mark.parametrize("plan", ["hobby", "enterprise", "gold", "", None, 7])
def test_only_plans_with_a_price_are_bought(owner: APIClient, razorpay: Razorpay, plan: Any) -> None:
    answer = owner.post(URL, {"plan": plan}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "plan"
    assert razorpay.calls == []


def test_members_and_api_keys_buy_nothing(alice: Developer, razorpay: Razorpay) -> None:
    bob = factories.dashboard_client(factories.bob(alice))
    assert buy(bob).status_code == 403
    server = factories.key_client(alice)
    assert buy(server).status_code == 401
    assert server.get(URL).status_code == 200
    assert bob.get(URL).status_code == 200


@pytest.mark.parametrize("fault", ["502", "429", "html", "drop"])
def test_while_razorpay_is_out_of_order_nothing_is_half_made(owner: APIClient, razorpay: Razorpay, fault: str) -> None:
    razorpay.faults = [fault]
    answer = buy(owner)
    assert (answer.status_code, answer.json()["code"]) == (503, "payment_gateway_unavailable")
    assert (shown(owner)["plan"], shown(owner)["subscription"]) == ("hobby", None)
    assert buy(owner).status_code == 201
    assert len(razorpay.subscriptions) == 1


def test_while_razorpay_cannot_be_reached_checkout_answers_503(owner: APIClient) -> None:
    assert buy(owner).status_code == 503
    assert shown(owner)["subscription"] is None


def test_a_lost_answer_never_makes_two_subscriptions(owner: APIClient, razorpay: Razorpay) -> None:
    razorpay.faults = ["", "drop"]
    assert buy(owner).status_code == 503
    assert len(razorpay.subscriptions) == 1
    answer = buy(owner)
    assert (answer.status_code, len(razorpay.subscriptions)) == (200, 1)
    assert answer.json()["checkout"]["subscription_id"] in razorpay.subscriptions


def test_a_lost_answer_with_an_idempotency_key_is_found_again(owner: APIClient, razorpay: Razorpay) -> None:
    razorpay.faults = ["", "drop"]
    assert buy(owner, HTTP_IDEMPOTENCY_KEY="one").status_code == 503
    again = buy(owner, HTTP_IDEMPOTENCY_KEY="one")
    assert again.status_code == 200
    replayed = buy(owner, HTTP_IDEMPOTENCY_KEY="one")
    assert replayed.json() == again.json()
    assert replayed["Idempotency-Replayed"] == "true"
    assert buy(owner, "scale", HTTP_IDEMPOTENCY_KEY="one").status_code == 422
    assert len(razorpay.subscriptions) == 1


def test_a_request_that_nobody_repeats_is_cleared_up(owner: APIClient, razorpay: Razorpay) -> None:
    razorpay.faults = ["", "502"]
    assert buy(owner).status_code == 503
    Subscription.objects.update(created_at=datetime.now(UTC) - timedelta(hours=1))
    assert reconcile.settle_claims() == 0
    assert not Subscription.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_ten_checkouts_at_once_make_one_subscription(razorpay: Razorpay) -> None:
    owner = factories.dashboard_client(factories.alice())

    def ask(_: int) -> int:
        try:
            return int(buy(owner).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(ask, range(10)))
    assert answers <= {200, 201, 409}
    assert buy(owner).status_code == 200
    assert len([one for one in razorpay.subscriptions.values() if one["status"] == "created"]) == 1


def test_the_return_from_checkout_is_verified(owner: APIClient, razorpay: Razorpay) -> None:
    name = buy(owner).json()["checkout"]["subscription_id"]
    razorpay.authorise(name)
    payment = razorpay.charge(name)["id"]
    signature = hmac.new(KEY_SECRET.encode(), f"{payment}|{name}".encode(), "sha256").hexdigest()
    body = {"razorpay_payment_id": payment, "razorpay_subscription_id": name, "razorpay_signature": signature}
    for wrong in ("0" * 64, "é", hmac.new(KEY_SECRET.encode(), f"{name}|{payment}".encode(), "sha256").hexdigest()):
        answer = owner.post(f"{URL}/verify", {**body, "razorpay_signature": wrong}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert shown(owner)["plan"] == "hobby"
    found = owner.post(f"{URL}/verify", body, format="json").json()
    assert (found["plan"], found["subscription"]["status"]) == ("developer", "active")
    stranger = factories.dashboard_client(factories.charlie())
    assert stranger.post(f"{URL}/verify", body, format="json").status_code == 404
    tell(razorpay)
    assert Invoice.objects.count() == 1


def test_the_plan_changes_now(owner: APIClient, razorpay: Razorpay) -> None:
    paid(owner, razorpay)
    found = owner.patch(URL, {"plan": "scale"}, format="json").json()
    assert (found["plan"], found["subscription"]["plan"]) == ("scale", "scale")
    tell(razorpay)
    assert shown(owner)["plan"] == "scale"


def test_the_plan_changes_at_the_end_of_the_cycle_and_that_can_be_taken_back(
    owner: APIClient, razorpay: Razorpay
) -> None:
    name = paid(owner, razorpay)
    found = owner.patch(URL, {"plan": "scale", "when": "cycle_end"}, format="json").json()
    assert (found["plan"], found["subscription"]["next_plan"]) == ("developer", "scale")
    assert owner.post(f"{URL}/resume").json()["subscription"]["next_plan"] is None
    owner.patch(URL, {"plan": "scale", "when": "cycle_end"}, format="json")
    entity = razorpay.subscriptions[name]
    entity |= {"plan_id": entity.pop("_next"), "has_scheduled_changes": False}
    razorpay.charge(name)
    tell(razorpay)
    assert (shown(owner)["plan"], shown(owner)["subscription"]["next_plan"]) == ("scale", None)


def test_a_refusal_of_razorpays_is_passed_on(owner: APIClient, razorpay: Razorpay) -> None:
    name = paid(owner, razorpay)
    razorpay.subscriptions[name]["status"] = "halted"
    answer = owner.patch(URL, {"plan": "scale"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "payment_refused")
    assert "cannot be updated" in answer.json()["detail"]


def test_cancelling_now_ends_the_plan_and_deletes_nothing(
    alice: Developer, owner: APIClient, razorpay: Razorpay
) -> None:
    factories.end_user(alice.organization)
    paid(owner, razorpay)
    found = owner.post(f"{URL}/cancel", {"when": "now"}, format="json").json()
    assert (found["plan"], found["subscription"]["status"]) == ("hobby", "cancelled")
    assert alice.organization.end_users.count() == 1
    assert buy(owner, "scale").status_code == 201


def test_cancelling_at_the_end_keeps_what_is_paid(owner: APIClient, razorpay: Razorpay) -> None:
    name = paid(owner, razorpay)
    found = owner.post(f"{URL}/cancel", format="json").json()
    assert (found["plan"], found["subscription"]["cancel_at_cycle_end"]) == ("developer", True)
    answer = owner.post(f"{URL}/resume")
    assert (answer.status_code, answer.json()["code"]) == (409, "subscription_state")
    razorpay.now += 2_592_000
    razorpay.cancel(name, query={}, body={})
    tell(razorpay)
    assert (shown(owner)["plan"], shown(owner)["subscription"]["cancel_at_cycle_end"]) == ("hobby", False)


def test_pausing_and_resuming(owner: APIClient, razorpay: Razorpay) -> None:
    paid(owner, razorpay)
    found = owner.post(f"{URL}/pause").json()
    assert (found["plan"], found["subscription"]["status"]) == ("developer", "paused")
    assert owner.post(f"{URL}/pause").status_code == 409
    razorpay.now += 5
    assert owner.post(f"{URL}/resume").json()["subscription"]["status"] == "active"
    assert owner.post(f"{URL}/resume").status_code == 409


def test_there_is_nothing_to_change_without_a_subscription(owner: APIClient, razorpay: Razorpay) -> None:
    for path in ("/cancel", "/pause", "/resume"):
        answer = owner.post(URL + path)
        assert (answer.status_code, answer.json()["code"]) == (404, "subscription_not_found")


def test_an_administrators_plan_counts_whatever_is_bought(
    alice: Developer, owner: APIClient, razorpay: Razorpay
) -> None:
    plans.grant(alice.organization, "enterprise", audit.SYSTEM)
    paid(owner, razorpay)
    assert (shown(owner)["plan"], shown(owner)["granted"]) == ("enterprise", True)


def test_every_act_is_in_the_audit_trail(owner: APIClient, razorpay: Razorpay) -> None:
    paid(owner, razorpay)
    owner.patch(URL, {"plan": "scale"}, format="json")
    owner.post(f"{URL}/pause")
    owner.post(f"{URL}/resume")
    owner.post(f"{URL}/cancel", {"when": "now"}, format="json")
    found = {row.action.partition(".")[2] for row in AuditEntry.objects.filter(action__startswith="billing.")}
    assert found >= {
        "checkout_started", "subscription_updated", "plan_changed", "invoice_recorded", "plan_change_requested",
        "pause_requested", "resume_requested", "cancel_requested",
    }  # fmt: skip
