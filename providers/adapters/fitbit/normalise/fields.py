"""Fitbit's clock, its one device, and its wrapper: {"timezone": …, "days": [first, last], "answer": …}."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from healthdata.records import MANUAL, SourceInfo
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST
from providers.contract.dates import moment
from providers.contract.json_items import MINUTE_MS, JsonItem
from wearlink.lib.errors import InvalidInput

# Documents do not say which tracker made them, so there is one source.
TRACKER: Final = SourceInfo(
    "fitbit", name="Fitbit", device_type="fitness_band", manufacturer="Fitbit", app="Fitbit"
)  # fmt: skip
TYPED: Final = SourceInfo("fitbit", name="Fitbit", device_type=MANUAL, app="Fitbit")  # by the end user
HOUR_MS: Final = 3_600_000
WALL_LETTERS: Final = 23  # 2026-03-04T07:15:00.000, and what comes after it is dropped
Instant = tuple[int, int]  # ms, minutes east of UTC


class FitbitClock:
    """The wearer's clock: the profile's zone, else the end user's."""

    def __init__(self, name: str, context: Context) -> None:
        self._context = context
        self._offsets: dict[int, int] = {}
        try:
            self._zone: ZoneInfo | None = ZoneInfo(name) if name else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._zone = None

    def instant(self, wall: int) -> Instant:
        """Return the instant of a wall time (ms, as if UTC). Offsets are looked up once an hour of the clock."""
        hour = wall // HOUR_MS
        minutes = self._offsets.get(hour)
        if minutes is None:
            minutes = self._offsets[hour] = self._offset(wall)
        return wall - minutes * MINUTE_MS, minutes

    def read(self, item: JsonItem, field: str, text: str | None) -> Instant | None:
        """Return the instant of a text such as 2026-03-04T07:15:00.000; an unreadable one is noted and gives None."""
        try:
            if text is None or len(text) < 16:
                raise InvalidInput("No time.")
            found = self.instant(moment(text[:WALL_LETTERS]))
        except InvalidInput:
            item.refuse(field, "bad_date" if text else "missing_field")
            return None
        if not EARLIEST <= found[0] <= item.context.received + AHEAD:
            item.refuse(field, "date_out_of_range")
            return None
        return found

    def midnight(self, day: date) -> int:
        """Return when a local day begins, in ms."""
        wall = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return self.instant(int(wall.timestamp() * 1000))[0]

    def _offset(self, wall: int) -> int:
        if self._zone is None:
            return self._context.zones.offset_at(wall)
        at = datetime.fromtimestamp(wall / 1000, UTC).replace(tzinfo=self._zone)
        return round((at.utcoffset() or timedelta()).total_seconds() / 60)


def days_of(document: JsonItem) -> tuple[date, date] | None:
    """Return the days that a document has all of."""
    listed = document.array("days")
    try:
        first, last = (date.fromisoformat(one) for one in listed)
    except (ValueError, TypeError):
        return None
    return (first, last) if first <= last else None


def rows_of(answer: Any, key: str, kind: str, context: Context) -> Iterator[JsonItem]:
    """Yield the objects of a list below a key, or of a bare list."""
    rows = answer.get(key) if isinstance(answer, dict) else answer
    if rows is None and isinstance(answer, dict) and "dateTime" in answer:  # a single day comes as its only object
        rows = [answer]
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        item = JsonItem(row if isinstance(row, dict) else {}, kind, index, context)
        if not isinstance(row, dict):
            item.refuse("", "not_an_object")
        yield item
