"""Reading vendors' JSON objects field by field: what is null or absent says nothing, what is wrong is refused alone.

A JsonItem is one object of a vendor's document. Its methods answer None for what is not there, and for what cannot be
taken, which is then noted in `refused`; so one bad field costs that field and nothing else.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from healthdata.records import PROFILE, Rejected, Sample, SourceInfo
from healthdata.units import acceptable
from providers.contract import AnomalousPayload, Context, read_json
from providers.contract.bounds import AHEAD, EARLIEST
from providers.contract.dates import moment, stated_zone
from wearlink.lib.errors import InvalidInput

MINUTE_MS: Final = 60_000
MAX_NUMBER: Final = 1e18  # beyond it no number means anything, and an integer may not even be a float
DAY_MS: Final = 86_400_000
MAX_ID_LENGTH: Final = 150  # leaves room for the names of a document's parts
Instant = tuple[int, int | None]  # ms since the epoch, minutes east of UTC as stated


class JsonItem:
    """One object: its fields, its place, and its refused parts."""

    __slots__ = ("_prefix", "collection", "context", "fields", "index", "refused")

    def __init__(
        self, fields: Mapping[str, Any], collection: str, index: int, context: Context,
        refused: list[Rejected] | None = None, prefix: str = "",
    ) -> None:  # fmt: skip
        self.fields = fields
        self.collection = collection
        self.index = index
        self.context = context
        self.refused: list[Rejected] = [] if refused is None else refused
        self._prefix = prefix

    def refuse(self, field: str, reason: str) -> None:
        """Note that a field cannot be taken."""
        self.refused.append(Rejected(self.collection, self.index, self._prefix + field, reason))

    def number(self, field: str) -> float | None:
        """Return a finite number; a number in a string is none."""
        value = self.fields.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_NUMBER:
            self.refuse(field, "not_a_number")
            return None
        return float(value)

    def measure(self, field: str, series: str, factor: float = 1.0) -> float | None:
        """Return a number times `factor`, within the bounds of the series."""
        value = self.number(field)
        if value is None:
            return None
        value = value if factor == 1.0 else round(value * factor, 9)
        if reason := acceptable(series, value):
            self.refuse(field, reason)
            return None
        return value

    def text(self, field: str, longest: int = 200) -> str | None:
        """Return a text without blanks at its ends; None for an empty one."""
        value = self.fields.get(field)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(field, "not_a_text")
            return None
        return value.replace("\x00", "").strip()[:longest] or None

    def flag(self, field: str) -> bool | None:
        value = self.fields.get(field)
        return value if isinstance(value, bool) else None

    def identity(self, field: str = "id") -> str | None:
        """Return the vendor's id as text; one that is missing is noted."""
        value = self.fields.get(field)
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not text or len(text) > MAX_ID_LENGTH:
            self.refuse(field, "missing_field" if not text else "too_long")
            return None
        return text

    def day(self, field: str) -> date | None:
        """Return a date; one that is missing is noted."""
        value = self.fields.get(field)
        if value is None:
            self.refuse(field, "missing_field")
            return None
        try:
            found = date.fromisoformat(value)
        except (ValueError, TypeError):
            self.refuse(field, "bad_date")
            return None
        at = (found.toordinal() - date(1970, 1, 1).toordinal()) * DAY_MS
        if not EARLIEST - DAY_MS <= at <= self.context.received + AHEAD:
            self.refuse(field, "date_out_of_range")
            return None
        return found

    def instant(self, field: str) -> Instant | None:
        """Return a moment and its zone; None if it is not there. One without a zone is on the end user's own clock."""
        value = self.fields.get(field)
        if value is None:
            return None
        try:
            at, zone = moment(value), stated_zone(None, value)
        except (InvalidInput, TypeError, AttributeError):
            self.refuse(field, "bad_date")
            return None
        if zone is None and not value.endswith(("Z", "z", "+00:00")):
            at -= self.context.zones.offset_at(at) * MINUTE_MS
        if not EARLIEST <= at <= self.context.received + AHEAD:
            self.refuse(field, "date_out_of_range")
            return None
        return at, zone

    def span(self, start: str, end: str) -> tuple[int, int, int | None] | None:
        """Start, end (ms) and the start's zone; what is missing or runs backwards is noted."""
        first, last = self.instant(start), self.instant(end)
        for field, found in ((start, first), (end, last)):
            if found is None and self.fields.get(field) is None:
                self.refuse(field, "missing_field")
        if first is None or last is None:
            return None
        if last[0] < first[0]:
            self.refuse(end, "end_before_start")
            return None
        return first[0], last[0], first[1]

    def nested(self, field: str) -> "JsonItem | None":
        """Return an object within the object."""
        value = self.fields.get(field)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(field, "not_an_object")
            return None
        return JsonItem(value, self.collection, self.index, self.context, self.refused, f"{self._prefix}{field}.")

    def array(self, field: str) -> list[Any]:
        """Return a list; empty if it is not there."""
        value = self.fields.get(field)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(field, "not_a_list")
            return []
        return value


def read_object(body: bytes, collection: str) -> dict[str, Any]:
    """Return a body that must be a JSON object. Raises AnomalousPayload."""
    document = read_json(body)
    if not isinstance(document, dict):
        raise AnomalousPayload(f"A document of {collection} is no object.")
    return document


def items(rows: list[Any], collection: str, context: Context) -> Iterator[JsonItem | Rejected]:
    """Yield the objects of a list with their places; what is none comes out as Rejected."""
    for index, row in enumerate(rows):
        if isinstance(row, dict):
            yield JsonItem(row, collection, index, context)
        else:
            yield Rejected(collection, index, "", "not_an_object")


def unknown_fields(rows: list[Any], known: frozenset[str], collection: str) -> Iterator[Rejected]:
    """Yield one Rejected for each field that no documentation names, so that a vendor's growth is seen and counted."""
    seen: set[str] = set()
    for index, row in enumerate(rows):
        if isinstance(row, dict) and not row.keys() <= known:
            for name in sorted(row.keys() - known - seen):
                seen.add(name)
                yield Rejected(collection, index, name[:64], "unknown_field")


def undated_figures(item: JsonItem, source: SourceInfo, fields: Mapping[str, tuple[str, float]]) -> Iterator[Sample]:
    """Yield figures a vendor keeps without a date, as samples of its profile: field → (series, factor).

    A value gets the day on which it was last seen (one sample a value and day at most, which moves as long as the
    value stays), since the vendor does not tell since when it holds.
    """
    profile = msgspec.structs.replace(source, device_type=PROFILE)
    seen_at = item.context.received - item.context.received % DAY_MS
    for field, (series, factor) in fields.items():
        value = item.measure(field, series, factor)
        if value:
            name = f"{item.collection}#{field}={value:g}"
            yield Sample(profile, series, seen_at, value, None, None, name)
