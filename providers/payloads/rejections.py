"""Counting what was refused: by reason, with a few examples of where, and never the content."""

from collections import Counter
from typing import Any, Final

from healthdata.records import Rejected
from providers.models.payload import HARMLESS

MAX_EXAMPLES: Final = 20
MAX_REASONS: Final = 50
#: values that are what they should be and too far from it to be believed; asking again brings the same
IMPLAUSIBLE: Final = frozenset({"out_of_range", "negative", "not_finite", "too_long", "length_mismatch"})
REFUSED: Final = "refused"  # code of a run's problem: the documents are not in the form that they should have
TOO_MANY_SOURCES: Final = "too_many_sources"
SHOWN: Final = 5


class Rejections:
    """The refused items of one payload."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.fields: dict[str, str] = {}  # reason → the first field it was met in
        self.examples: list[dict[str, Any]] = []

    def add(self, item: Rejected) -> None:
        """Count one. A payload with very many different reasons has them counted by their kind."""
        reason = item.reason
        if reason not in self.counts and len(self.counts) >= MAX_REASONS:
            reason = reason.partition(":")[0]
        self.counts[reason] += 1
        self.fields.setdefault(reason, item.field)
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(
                {"collection": item.collection, "index": item.index, "field": item.field, "reason": item.reason}
            )

    def add_crowded(self, number: int) -> None:
        """Count records of sources beyond those that an end user may have."""
        if number:
            self.counts[TOO_MANY_SOURCES] += number
            self.fields.setdefault(TOO_MANY_SOURCES, "source")

    def problem(self) -> tuple[str, str]:
        """Return code and detail for the run that fetched the payload; empty where nothing is missing for it.

        A document in another form than it should have may come right when it is asked for again; what is only
        implausible will not.
        """
        missing = [reason for reason, _ in self.counts.most_common() if reason not in HARMLESS]
        if not missing:
            return "", ""
        code = "implausible" if IMPLAUSIBLE.issuperset(missing) else REFUSED
        parts = [f"{self.counts[reason]} × {reason} ({self.fields[reason] or 'item'})" for reason in missing[:SHOWN]]
        return code, f"Refused: {', '.join(parts)}."
