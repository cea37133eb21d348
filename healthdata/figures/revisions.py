"""The revisions of a day's figures, with their causes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from healthdata.models import DayRevision

MAX_REVISIONS: Final = 500


@dataclass(frozen=True, slots=True)
class Revision:
    """One change. causes: (kind, id or None), such as ("batch", its id) or ("time_zone", None)."""

    metric: str
    revision: int
    old_value: float | None
    new_value: float | None
    causes: tuple[tuple[str, str | None], ...]
    at: datetime


def revisions(user_key: int, day: date) -> list[Revision]:
    """Return the changes of a day's figures, newest first."""
    rows = DayRevision.objects.filter(user_key=user_key, day=day).order_by("-id")[:MAX_REVISIONS]
    return [
        Revision(row.metric, row.revision, row.old_value, row.new_value, causes_of(row.causes), row.at) for row in rows
    ]


def causes_of(text: str) -> tuple[tuple[str, str | None], ...]:
    """Return the causes that a mark wrote down, apart."""
    parted = (one.partition(":") for one in text.split())
    return tuple((kind, reference or None) for kind, _, reference in parted)
