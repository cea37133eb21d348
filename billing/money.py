"""Money: whole numbers of the smallest unit, and the one rate between the two currencies."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.conf import settings

from wearlink.lib.errors import InvalidInput

INR, USD = "INR", "USD"
UNITS: Final = 100  # paise a rupee, cents a dollar


@dataclass(frozen=True, slots=True)
class InBothCurrencies:
    """The same money in paise and in cents, and the rupees a dollar that lie between."""

    inr: int
    usd: int
    rate: Decimal


def both(amount: int, currency: str, rate: Decimal | None = None) -> InBothCurrencies:
    """Return an amount in both currencies at a rate (default: the configured one). Raises InvalidInput
    for a third one.
    """
    rate = settings.USD_INR_RATE if rate is None else rate
    if currency == INR:
        return InBothCurrencies(amount, _whole(amount / rate), rate)
    if currency == USD:
        return InBothCurrencies(_whole(amount * rate), amount, rate)
    raise InvalidInput(f"Money in {currency[:8]!r} is not taken here.")


def units(smallest: int) -> float:
    """Return rupees or dollars, for answers that people read."""
    return smallest / UNITS


def _whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
