"""The one source of WHOOP's records, and what documents have in common."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from healthdata.records import SourceInfo
from providers.contract import Context
from providers.contract.dates import zones
from providers.contract.json_items import MINUTE_MS, JsonItem

BAND: Final = SourceInfo("whoop", name="WHOOP", device_type="fitness_band", manufacturer="WHOOP", app="WHOOP")
SCORED: Final = "SCORED"
STATES: Final = frozenset({SCORED, "PENDING_SCORE", "UNSCORABLE"})
KCAL: Final = 1 / 4.184  # of a kilojoule
WakeUp = tuple[int, int | None]  # ms, minutes east of UTC


def score_of(item: JsonItem) -> JsonItem | None:
    """Return the figures of a document; None while there are none, or never will be."""
    state = item.text("score_state")
    if state not in STATES:
        item.refuse("score_state", "unknown_type" if state else "missing_field")
    return item.nested("score") if state == SCORED else None


def zone_of(item: JsonItem) -> int | None:
    """Return minutes east of UTC."""
    return zones[item.text("timezone_offset")]


def local_day(at: int, zone: int | None, context: Context) -> date:
    """Return the date where the end user was."""
    offset = context.zones.offset_at(at) if zone is None else zone
    return datetime.fromtimestamp((at + offset * MINUTE_MS) / 1000, UTC).date()


def sleeps_of(document: Mapping[str, Any], context: Context) -> Iterator[tuple[str, JsonItem]]:
    """Yield the sleeps that were joined to a document, by their ids."""
    joined = document.get("sleeps")
    for name, sleep in joined.items() if isinstance(joined, dict) else ():
        if isinstance(sleep, dict):
            yield name, JsonItem(sleep, "sleeps", 0, context)


def wake_up(sleep: JsonItem | None) -> WakeUp | None:
    ended = None if sleep is None else sleep.instant("end")
    return None if sleep is None or ended is None else (ended[0], zone_of(sleep))
