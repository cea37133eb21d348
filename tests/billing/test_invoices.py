"""Invoices: lists, paper, and what an administrator may note on them."""

import re
import zlib
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import audit
from accounts.models import AuditEntry, Developer, Organization
from billing import invoices, money
from billing.invoices import Charge, NotPaid
from billing.models import Invoice
from tests import factories
from tests.billing.delivering import sample_subscription, samples
from wearlink.lib.errors import InvalidInput

pytestmark = pytest.mark.django_db
URL = "/api/v1/billing/invoices"


def pay(organization: Organization, number: int = 1, **payment: Any) -> Invoice:
    payload = dict(samples())["wh.subscription.charged"]["payload"]
    subscription = organization.subscriptions.first() or sample_subscription(organization)
    entity = payload["payment"]["entity"] | {"id": f"pay_{number:04}", "created_at": 1_777_000_060 + number} | payment
    entity.setdefault("invoice_id", "inv_1")
    made = invoices.record(subscription, Charge(entity, subscription.created_at, subscription.created_at))
    assert made is not None
    return made


def text_of(pdf: bytes) -> str:
    """Return the words on the pages."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    pages = [zlib.decompress(one) for one in streams if one[:1] == b"\x78"]
    words = re.findall(rb"\(((?:[^()\\]|\\.)*)\)", b"\n".join(pages))
    return b"\n".join(words).replace(b"\\(", b"(").replace(b"\\)", b")").decode("latin-1")


def test_they_are_listed_newest_first(alice: Developer, owner: APIClient, django_assert_num_queries: Any) -> None:
    for number in range(25):
        pay(alice.organization, number)
    with django_assert_num_queries(3):
        found = owner.get(URL, {"limit": 10}).json()
    assert [one["number"] for one in found["data"]] == [f"WL-2026-{number:06}" for number in range(25, 15, -1)]
    assert found["pagination"]["total_count"] == 25
    assert owner.get(URL, {"status": "refunded"}).json()["data"] == []
    assert owner.get(URL, {"status": "lost"}).status_code == 400


def test_one_says_what_was_paid_in_both_currencies(alice: Developer) -> None:
    invoice = pay(alice.organization)
    found = factories.key_client(alice).get(f"{URL}/{invoice.id}").json()
    assert (found["amount"], found["currency"], found["usd_inr_rate"]) == (831_600, "INR", 84)
    assert (found["amount_inr"], found["amount_usd"], found["status"]) == (8316, 99, "paid")
    assert found["pdf_url"] == f"{URL}/{invoice.id}/pdf"


def test_a_later_rate_changes_nothing_that_was_paid(alice: Developer, settings: Any) -> None:
    invoice = pay(alice.organization)
    settings.USD_INR_RATE = Decimal("90.5")
    later = pay(alice.organization, 2)
    found = factories.key_client(alice).get(f"{URL}/{invoice.id}").json()
    assert (found["amount_usd"], found["usd_inr_rate"]) == (99, 84)
    assert (later.amount_usd, later.usd_inr_rate) == (9_189, Decimal("90.5"))


def test_payments_in_dollars_are_invoiced_in_dollars(alice: Developer) -> None:
    invoice = pay(alice.organization, amount=9_900, currency="USD")
    assert (invoice.currency, invoice.amount, invoice.amount_usd, invoice.amount_inr) == ("USD", 9_900, 9_900, 831_600)
    with pytest.raises(InvalidInput, match="EUR"):
        pay(alice.organization, 2, currency="EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "inr", "usd"),
    [(831_600, "INR", 831_600, 9_900), (1, "INR", 1, 0), (42, "INR", 42, 1), (9_900, "USD", 831_600, 9_900)],
)
def test_money_is_rounded_half_up(amount: int, currency: str, inr: int, usd: int) -> None:
    found = money.both(amount, currency)
    assert (found.inr, found.usd) == (inr, usd)


def test_a_payment_that_failed_makes_no_invoice(alice: Developer) -> None:
    subscription = sample_subscription(alice.organization)
    payment = dict(samples())["wh.subscription.pending"]["payload"]["payment"]["entity"]
    assert invoices.record(subscription, Charge(payment, None, None)) is None
    assert not Invoice.objects.exists()


def test_the_pdf_opens_and_agrees_with_the_row(alice: Developer, settings: Any) -> None:
    settings.BILLING_SELLER = "WearLink Inc. | 1 Example Street | GSTIN 29ABCDE1234F1Z5"
    Organization.objects.filter(pk=alice.organization_id).update(name="Müller & Søn (Alpha)")
    alice.organization.refresh_from_db()
    invoice = pay(alice.organization, 7, amount=123_456_789)
    invoice.refunded, invoice.refunded_at = 50_000, invoice.paid_at
    invoice.save()
    answer = factories.key_client(alice).get(f"{URL}/{invoice.id}/pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert answer.content.rstrip().endswith(b"%%EOF")
    text = text_of(answer.content)
    for expected in (
        invoice.number, "pay_0007", "2026-04-24", "INR 1,234,567.89", "USD 14,697.24", "84 INR per USD", "INR 500.00",
        "1 Example Street", "GSTIN 29ABCDE1234F1Z5", "Müller & Søn (Alpha)",
    ):  # fmt: skip
        assert expected in text, expected


def test_the_pdf_is_the_same_each_time(alice: Developer) -> None:
    invoice, client = pay(alice.organization), factories.key_client(alice)
    first, second = (client.get(f"{URL}/{invoice.id}/pdf").content for _ in (1, 2))
    assert first == second


def test_marking_as_refunded_is_bookkeeping_and_says_so(alice: Developer, owner: APIClient) -> None:
    invoice = pay(alice.organization)
    actor = audit.Actor("developer", "root")
    assert invoices.mark_refunded(invoice.pk, actor).status == "refunded"
    entry = AuditEntry.objects.get(action="billing.invoice_marked_refunded")
    assert entry.data["moves_money"] is False
    assert entry.actor_id == "root"
    with pytest.raises(NotPaid, match="only a paid one"):
        invoices.mark_refunded(invoice.pk, actor)
    found = owner.get(f"{URL}/{invoice.id}").json()
    assert (found["status"], found["refunded"]) == ("refunded", 0)


def test_the_refund_that_follows_the_mark_counts_once(alice: Developer) -> None:
    invoice = pay(alice.organization)
    invoices.mark_refunded(invoice.pk, audit.SYSTEM)
    refund = dict(samples())["wh.refund.processed"]["payload"]["refund"]["entity"]
    for _ in (1, 2):
        invoices.record_refund(refund | {"payment_id": invoice.payment_id, "amount": 100})
    invoice.refresh_from_db()
    assert (invoice.status, invoice.refunded) == ("refunded", 100)
