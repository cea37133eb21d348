"""The Retry-After header of answers, by RFC 9110: seconds, or a date."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MAX_SECONDS: Final = 86_400.0


def seconds_until(header: str | None, now: datetime) -> float | None:
    """Return seconds that the header asks for, at least 0 and at most a day; None for none, or one that
    makes no sense.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:20]), MAX_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # a date of "-0000"
            moment = moment.replace(tzinfo=UTC)
        return min(max((moment - now).total_seconds(), 0.0), MAX_SECONDS)
    except (ValueError, TypeError, OverflowError):  # the parser raises all three for dates of no calendar
        return None
