"""The cost of a vision call."""

import pytest

from billing.costs import vision_micros


@pytest.mark.parametrize(
    ("model", "sent", "answered", "micros"),
    [
        ("claude-opus-4-7", 1800, 300, 16_500),  # 1800 × 5 + 300 × 25
        ("claude-opus-5-5", 2168, 300, 14_672),  # 2168 × 4 + 300 × 20
        ("claude-haiku-5-5", 1, 1, 1),  # 0.1 + 0.5, rounded up
        ("claude-haiku-5-5", 2168, 300, 367),  # 216.8 + 150
        ("something-new", 10, 10, 300),
        ("claude-opus-4-7", 0, 0, 0),
    ],
)
def test_a_call_costs_what_its_tokens_cost(model: str, sent: int, answered: int, micros: int) -> None:
    assert vision_micros(model, sent, answered) == micros
