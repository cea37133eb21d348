"""Moments and numbers in what the payment provider says."""

from datetime import UTC, datetime
from typing import Any

from wearlink.lib.errors import InvalidInput


class StrangeEntity(InvalidInput):
    """An entity of the payment provider that lacks a field that all of its kind have."""

    default_code = "malformed_event"


def moment(seconds: Any) -> datetime | None:
    """Return the aware datetime of epoch seconds; None for null. Raises StrangeEntity."""
    return None if seconds is None else datetime.fromtimestamp(number(seconds), UTC)


def number(value: Any) -> int:
    """Return a whole number from 0 to 2^40; 0 for null. Raises StrangeEntity."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 40:
        raise StrangeEntity("A time or number is out of range.")
    return value
