"""One thing that a diagnosis looks at, and what it found."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

OK, WARNING, PROBLEM, UNKNOWN = STATUSES = ["ok", "warning", "problem", "unknown"]
MINUTES_UP_TO: Final = 120
HOURS_UP_TO: Final = 48


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    status: str
    code: str
    message: str
    next_step: str | None = None


def span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < MINUTES_UP_TO:
        return f"{max(minutes, 0)} minutes"
    return f"{minutes // 60} hours" if minutes < HOURS_UP_TO * 60 else f"{minutes // 1440} days"
