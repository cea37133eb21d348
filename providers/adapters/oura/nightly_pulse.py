"""The nights whose heart rate is part of sleep documents, kept for the pages of heartrate that repeat it."""

from typing import Any, Final

import msgspec

from providers.contract import PartialFailure, RawDocument
from providers.contract.dates import moment
from wearlink.lib.errors import InvalidInput

SLEEP: Final = "sleep"
HEART_RATE: Final = "heartrate"


class NightlyPulse:
    """Reads the pages of sleep as they pass and joins their spans to the pages of heartrate behind them."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []
        self._unknown = False

    def join(self, found: RawDocument | PartialFailure) -> RawDocument | PartialFailure:
        """Return the document, for heartrate with the nights that need not be read from it."""
        if isinstance(found, PartialFailure):
            self._unknown = self._unknown or found.kind == SLEEP
            return found
        if found.kind == SLEEP:
            self._read(found.body)
        elif found.kind == HEART_RATE and not self._unknown:
            spans = msgspec.json.encode(sorted(self._spans))
            return msgspec.structs.replace(found, body=b'{"nights":%s,"page":%s}' % (spans, found.body))
        return found

    def _read(self, body: bytes) -> None:
        try:
            rows = msgspec.json.decode(body).get("data")
        except (msgspec.DecodeError, UnicodeDecodeError, AttributeError):
            self._unknown = True
            return
        for row in rows if isinstance(rows, list) else ():
            if span := _span(row):
                self._spans.append(span)


def _span(row: Any) -> tuple[int, int] | None:
    """Return start and end of a sleep whose heart rate is stored; None of a rest, whose is not."""
    if not isinstance(row, dict) or row.get("type") in ("rest", "deleted"):
        return None
    pulse = row.get("heart_rate")
    items = pulse.get("items") if isinstance(pulse, dict) else None
    if not isinstance(items, list) or not any(items):
        return None
    try:
        return moment(row["bedtime_start"]), moment(row["bedtime_end"])
    except (InvalidInput, TypeError, AttributeError, KeyError):
        return None
