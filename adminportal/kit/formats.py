"""Numbers, money, sizes and times as people read them. Missing is a dash, nothing is 0."""

from datetime import datetime
from typing import Any, Final

from wearlink.lib import clock

MISSING: Final = "–"
MINUS: Final = "−"
_SIZES: Final = ("B", "kB", "MB", "GB", "TB")


def number(value: Any, unit: str = "", digits: int = 0) -> str:
    """Return ``12,480`` or ``54 bpm``."""
    if value is None:
        return MISSING
    text = f"{abs(value):,.{digits}f}"
    sign = MINUS if value < 0 and float(text.replace(",", "")) else ""
    return f"{sign}{text} {unit}".rstrip()


def figure(value: float | None) -> str:
    """Return a figure of health data: whole if it is, else with up to three decimals, so that parts add up by hand."""
    return MISSING if value is None else f"{round(value, 3):,}".removesuffix(".0")


def money(value: float | None, symbol: str = "$", digits: int = 2) -> str:
    """Return ``$ 99.00`` or ``−$ 12.40``."""
    if value is None:
        return MISSING
    sign = MINUS if value < 0 else ""
    return f"{sign}{symbol} {abs(value):,.{digits}f}"


def percent(value: float | None) -> str:
    """Return ``4.1 %``; a ratio of nothing is ``n/a``."""
    if value is None:
        return "n/a"
    return number(value, "%", 1 if abs(value) < 10 else 0)


def size(value: float | None) -> str:
    """Return bytes in steps of 1024: ``3.2 MB``."""
    if value is None:
        return MISSING
    step = 0
    while value >= 1024 and step < len(_SIZES) - 1:
        value, step = value / 1024, step + 1
    return number(value, _SIZES[step], 0 if step == 0 or value >= 100 else 1)


def duration(seconds: float | None) -> str:
    """Return ``7 h 45 min``, ``12 s``, ``80 ms``."""
    if seconds is None:
        return MISSING
    if seconds == 0:
        return "0 min"
    if seconds < 1:
        return number(seconds * 1000, "ms")
    if seconds < 60:
        return number(seconds, "s", 1 if seconds < 10 else 0)
    minutes = round(seconds / 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return ``4 min ago``, ``in 2 h 5 min``."""
    seconds = ((now or clock.now()) - moment).total_seconds()
    if abs(seconds) < 5:
        return "just now"
    words = duration(abs(seconds) if abs(seconds) < 60 else round(abs(seconds) / 60) * 60)
    return f"{words} ago" if seconds > 0 else f"in {words}"
