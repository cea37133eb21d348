"""What one phone platform's adapter brings to the shared wire format: its tables, and no code."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dialect:
    """`provider` is the slug; it also picks the platform's rules in healthdata.units, .sleep and .catalogue.

    series: wire type → series code. Where `any_case` holds, types are looked up in upper case, and the table has
    upper-case keys. sleep_types: record types that are sleep stages, with the stage as their value.
    record_ids: whether the platform edits records under a lasting id, so that records and stages carry it on.
    scores: figures of a night (wire type in lower case) → the category of the score they are, 0 to 100.
    """

    provider: str
    series: Mapping[str, str]
    any_case: bool = True
    record_ids: bool = False
    sleep_types: frozenset[str] = frozenset()
    scores: Mapping[str, str] = field(default_factory=dict)

    def series_of(self, wire_type: str) -> str | None:
        """The series of a record type; None for one nobody knows."""
        return self.series.get(self._key(wire_type))

    def is_sleep(self, wire_type: str) -> bool:
        """Whether records of this type are sleep stages."""
        return self._key(wire_type) in self.sleep_types

    def _key(self, wire_type: str) -> str:
        return wire_type.strip().upper() if self.any_case else wire_type
