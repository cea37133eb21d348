"""Counting what was refused: by reason, with a few examples of where, and never the content."""

from collections import Counter
from typing import Any, Final

from healthdata.records import Rejected

MAX_EXAMPLES: Final = 20
MAX_REASONS: Final = 50


class Rejections:
    """The refused items of one payload."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: list[dict[str, Any]] = []

    def add(self, item: Rejected) -> None:
        """Count one. A payload with very many different reasons has them counted by their kind."""
        reason = item.reason
        if reason not in self.counts and len(self.counts) >= MAX_REASONS:
            reason = reason.partition(":")[0]
        self.counts[reason] += 1
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(
                {"collection": item.collection, "index": item.index, "field": item.field, "reason": item.reason}
            )
