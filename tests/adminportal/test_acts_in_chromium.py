"""Every act of the portal as an administrator does it in Chromium; each leaves its row in the audit trail."""

from collections.abc import Iterator
from typing import Any

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from playwright.sync_api import Browser, Page, expect

from accounts import audit
from accounts.models import AuditEntry, Developer, EndUser, SecondFactorDevice
from adminportal import support
from adminportal.kit import formats
from adminportal.models import Announcement
from billing import plans
from providers.models import Payload
from tests import factories
from tests.adminportal.test_in_chromium import enter
from tests.adminportal.test_money import pay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


class Desk:
    """The root administrator at the browser."""

    def __init__(self, page: Page, base: str, admin: Developer) -> None:
        self.page, self.base, self.admin = page, base, admin

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}/admin/{path}")

    def press(self, name: str, *, sure: bool = False) -> None:
        """Press a button; one that asks whether one is sure stands behind a summary of the same name."""
        if sure:
            self.page.locator("summary", has_text=name).click()
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def reads(self, words: str) -> None:
        expect(self.page.locator("body")).to_contain_text(words)

    def audited(self, action: str, target: str = "") -> None:
        """Exactly one row by this administrator."""
        (row,) = AuditEntry.objects.filter(action=action, **({"target_id": target} if target else {}))
        assert (row.actor_kind, row.actor_id) == ("developer", str(self.admin.pk))


@pytest.fixture
def desk(browser: Browser, live_server: Any, root: Developer) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield Desk(enter(context, live_server.url, root), live_server.url, root)
    context.close()


def test_a_developer_is_locked_unlocked_raised_and_lowered(desk: Desk, alice: Developer) -> None:
    factories.with_second_factor(alice)
    desk.open(f"developers/{alice.pk}/")
    for button, words, action in (
        ("Lock for 7 days", "Locked for seven days", "developer.locked"),
        ("Unlock", "Unlocked.", "developer.unlocked"),
        ("Make superuser", "Rights changed.", "developer.superuser_granted"),
        ("Withdraw superuser", "Rights changed.", "developer.superuser_withdrawn"),
        ("Remove second factor", "The second factor is removed.", "developer.second_factor_removed"),
    ):
        desk.press(button, sure=button != "Unlock")
        desk.reads(words)
        expect(desk.page.get_by_role("rowheader", name=action)).to_have_count(1)
        desk.audited(action, str(alice.pk))
    alice.refresh_from_db()
    assert (alice.locked_until, alice.is_superuser, SecondFactorDevice.objects.count()) == (None, False, 0)


def test_an_invoice_is_marked_as_refunded(desk: Desk, alice: Developer) -> None:
    invoice = pay(alice.organization)
    desk.open("finance/invoices/")
    desk.page.get_by_role("link", name=invoice.number).click()
    desk.press("Mark refunded", sure=True)
    desk.reads("No money was moved.")
    desk.audited("billing.invoice_marked_refunded", str(invoice.pk))
    expect(desk.page.locator(".wl-lead")).to_contain_text("refunded")
    expect(desk.page.get_by_role("rowheader", name="billing.invoice_marked_refunded")).to_have_count(1)


def test_a_ticket_is_resolved_and_opened_again(desk: Desk) -> None:
    ticket = support.submit({"email": "dana@example.com", "subject": "Prices", "message": "How much?"})
    desk.open("support/?status=open")
    desk.page.get_by_role("link", name="Prices").click()
    for button, action in (("Resolve", "support.resolved"), ("Open again", "support.reopened")):
        desk.press(button)
        expect(desk.page.get_by_role("rowheader", name=action)).to_have_count(1)
        desk.audited(action, str(ticket.pk))


def test_a_banner_is_published_seen_by_all_and_taken_down(desk: Desk) -> None:
    desk.open("announcements/")
    desk.page.get_by_label("Title").fill("Maintenance tonight")
    desk.press("Publish")
    desk.reads("The banner is published.")
    banner = Announcement.objects.get(is_active=True)
    desk.audited("announcement.published", str(banner.pk))
    shown = desk.page.request.get(f"{desk.base}/api/v1/admin/announcements/active").json()
    assert shown["title"] == "Maintenance tonight"
    desk.press("Take it down")
    desk.reads("The banner is down.")
    desk.audited("announcement.dismissed", str(banner.pk))
    expect(desk.page.get_by_role("rowheader", name="announcement.dismissed")).to_have_count(1)


def test_the_chains_of_the_audit_trail_are_checked(desk: Desk, alice: Developer) -> None:
    audit.record("auth.signed_in", actor=audit.developer(alice), organization=alice.organization, target=alice)
    desk.open("audit/")
    desk.reads("chains not checked lately")
    desk.press("Check the chains")
    desk.reads("chains are whole")
    desk.reads("2 of 2 checked")
    desk.audited("audit.checked")
    expect(desk.page.get_by_role("cell", name="audit.checked")).to_have_count(1)


def test_a_job_is_run_at_once(desk: Desk) -> None:
    interval = IntervalSchedule.objects.create(every=30, period="seconds")
    PeriodicTask.objects.create(name="tidy up", task="wearlink.tests.tidy", interval=interval, queue="default")
    desk.open("jobs/")
    desk.page.get_by_role("row", name="tidy up").get_by_role("button", name="Run now").click()
    desk.reads("“tidy up” was sent to its queue.")
    desk.audited("job.run", "tidy up")
    expect(desk.page.get_by_role("rowheader", name="job.run")).to_have_count(1)


def test_a_dead_payload_is_given_new_attempts(desk: Desk, jane: EndUser) -> None:
    dead = Payload.objects.create(
        user_key=jane.key, organization_id=jane.organization_id, provider="apple", kind="sdk_sync", sha256=b"1" * 32,
        size=2, state=Payload.State.DEAD, attempts=5, error="ValueError: no such unit",
    )  # fmt: skip
    desk.open("health/")
    row = desk.page.get_by_role("row", name=str(dead.batch_id))
    expect(row).to_contain_text("ValueError: no such unit")
    row.get_by_role("button", name="Retry").click()
    desk.reads("The payload is tried again.")
    desk.reads("Nothing was given up.")
    desk.audited("dead_row.retried", str(dead.batch_id))
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.error) == ("received", 0, "")


def test_a_plan_gets_another_price_and_another_limit(desk: Desk) -> None:
    desk.open("cogs/")
    desk.page.get_by_role("link", name="developer", exact=True).click()
    desk.page.get_by_label("Price a month, $").fill("119.50")
    desk.page.get_by_label("Photos per day").fill("300")
    desk.press("Put into force")
    desk.reads("The new version of Developer is in force.")
    desk.audited("billing.plan_version_added", "plan:developer")
    expect(desk.page.get_by_role("rowheader", name="billing.plan_version_added")).to_have_count(1)
    plan = plans.find("developer")
    assert (plan.price_usd_cents, plan.photos_per_day, plan.requests_per_minute) == (11_950, 300, 30_000)


def test_signing_out_is_in_the_account_menu(desk: Desk, live_server: Any) -> None:
    desk.open("")
    desk.page.get_by_text("root@example.com").first.click()
    desk.page.get_by_role("button", name="Log out").or_(desk.page.get_by_text("Log out")).first.click()
    expect(desk.page).to_have_url(f"{live_server.url}/admin/login/")
    desk.reads("You are signed out everywhere.")
    desk.audited("auth.signed_out", str(desk.admin.pk))


def test_pages_show_the_figures_of_the_json(desk: Desk, alice: Developer, jane: EndUser) -> None:
    pay(alice.organization)
    api = factories.dashboard_client(desk.admin)

    def figure(name: str) -> str:
        return desk.page.locator(".wl-stat", has_text=name).first.locator(".wl-stat-figure").inner_text()

    overview = api.get("/api/v1/admin/overview").json()
    desk.open("")
    assert figure("Tenants") == formats.number(overview["tenants"]["organizations"])
    assert figure("End users") == formats.number(overview["tenants"]["end_users"])
    assert figure("MRR") == formats.money(overview["mrr_usd"]) == "$ 99.00"
    summary = api.get("/api/v1/admin/finance/summary").json()
    desk.open("finance/")
    assert figure("ARR") == formats.money(summary["arr_usd"]) == "$ 1,188.00"
    assert figure("Against last month") == formats.percent(summary["mom_change_pct"]) == "n/a"
    costs = api.get("/api/v1/admin/cogs/summary").json()
    desk.open("cogs/")
    assert figure("Cost") == formats.money(costs["total_cost_usd"])
    assert figure("Gross margin") == formats.money(costs["gross_margin_usd"])
    metrics = api.get("/api/v1/admin/insights").json()["financials"]
    desk.open("insights/")
    assert figure("ARPU") == formats.money(metrics["arpu_usd"]) == "$ 99.00"
    assert figure("LTV") == formats.money(metrics["ltv_usd"]) == "$ 1,188.00"
    assert figure("Churn") == formats.percent(metrics["churn_rate_pct"])
