"""The prices of the platform's own suppliers: rates from the settings, and the cost of one vision call."""

from decimal import Decimal
from math import ceil
from typing import Final

#: Model name's beginning → USD per million tokens sent and answered, as the vendor listed them in 2026-09.
VISION_PRICES: Final = {
    "claude-opus-5-5": (Decimal(4), Decimal(20)),
    "claude-opus": (Decimal(5), Decimal(25)),
    "claude-sonnet": (Decimal(2), Decimal(10)),
    "claude-haiku-5-5": (Decimal("0.10"), Decimal("0.50")),
    "claude-haiku": (Decimal(1), Decimal(5)),
    "claude-fable": (Decimal(10), Decimal(50)),
}
_FALLBACK: Final = "claude-opus"


def vision_micros(model: str, input_tokens: int, output_tokens: int) -> int:
    """Return millionths of a USD that one call costs, rounded up; a model without a listed price is
    taken for an Opus.
    """
    known = [name for name in VISION_PRICES if model.startswith(name)]
    sent, answered = VISION_PRICES[max(known, key=len, default=_FALLBACK)]
    return ceil(sent * input_tokens + answered * output_tokens)
