"""An invoice on paper. Its figures are the row's; nothing is computed here."""

from datetime import datetime
from typing import Final

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from billing.models import Invoice

FONT: Final = "Helvetica"
WIDE, NARROW = 110, 70  # columns in mm


def render(invoice: Invoice) -> bytes:
    """Return the PDF. The same row gives the same bytes."""
    document = FPDF(format="A4")
    document.set_creation_date(invoice.created_at)
    document.set_title(f"Invoice {invoice.number}")
    document.set_margins(20, 20)
    document.add_page()
    _head(document, invoice)
    _parties(document, invoice)
    _figures(document, invoice)
    return bytes(document.output())


def rows(invoice: Invoice) -> list[tuple[str, str]]:
    """Return what the table says, line by line."""
    lines = [
        (f"WearLink {invoice.plan} plan, {_day(invoice.period_start)} to {_day(invoice.period_end)}", ""),
        ("Amount paid", money_text(invoice.amount, invoice.currency)),
        ("In rupees", money_text(invoice.amount_inr, "INR")),
        ("In US dollars", money_text(invoice.amount_usd, "USD")),
        ("Rate on that day", f"{invoice.usd_inr_rate.normalize():f} INR per USD"),
    ]
    if invoice.refunded:
        lines.append((f"Refunded on {_day(invoice.refunded_at)}", money_text(invoice.refunded, invoice.currency)))
    elif invoice.marked_refunded_at:
        lines.append((f"Noted as refunded on {_day(invoice.marked_refunded_at)}", ""))
    return lines


def money_text(smallest: int, currency: str) -> str:
    """Like INR 8,316.00; exact, since nothing passes through a float."""
    whole, rest = divmod(smallest, 100)
    return f"{currency} {whole:,}.{rest:02}"


def _head(document: FPDF, invoice: Invoice) -> None:
    document.set_font(FONT, "B", 20)
    _line(document, "Invoice", height=12)
    document.set_font(FONT, "", 11)
    _line(document, f"Number {invoice.number}")
    _line(document, f"Paid on {_day(invoice.paid_at)}, payment {invoice.payment_id}")
    document.ln(6)


def _parties(document: FPDF, invoice: Invoice) -> None:
    for label, text in (("From", settings.BILLING_SELLER), ("To", invoice.bill_to)):
        document.set_font(FONT, "B", 11)
        _line(document, label)
        document.set_font(FONT, "", 11)
        for line in text.split("|"):
            _line(document, line.strip())
        document.ln(3)


def _figures(document: FPDF, invoice: Invoice) -> None:
    document.ln(4)
    for label, figure in rows(invoice):
        document.cell(WIDE, 9, _plain(label), border="B")
        document.cell(NARROW - 10, 9, _plain(figure), border="B", align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _line(document: FPDF, text: str, height: int = 6) -> None:
    document.cell(0, height, _plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _plain(text: str) -> str:
    """Replace other letters by question marks: the fonts that every reader has hold Latin letters only; others become
    question marks.
    """
    return text.encode("latin-1", "replace").decode("latin-1")


def _day(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d}"
