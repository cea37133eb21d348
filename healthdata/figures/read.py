"""The kept figures of a range of days. Figures that are due, or were made by other rules, are computed first."""

from datetime import date, datetime
from typing import Final, NamedTuple

from healthdata.figures.keep import refresh
from healthdata.merge.preferences import Priority
from healthdata.models import DueDay
from wearlink.lib.postgres import prepared

# One statement for the figures of hundreds of days and the marks among them; the ORM takes twice as long.
_FIGURES: Final = """
SELECT day, NULL, 0, NULL, NULL, NULL, false, 0, NULL, 0
FROM healthdata_dueday WHERE user_key = %(user)s AND kind = %(kind)s AND day BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT day, metric, value, sources, kept, coverage_minutes, is_partial, revision, revised_at, rules
FROM healthdata_dayfigure WHERE user_key = %(user)s AND day BETWEEN %(first)s AND %(last)s
"""


class KeptFigure(NamedTuple):
    """A row of healthdata_dayfigure; without a metric it only says that the day is due."""

    day: date
    metric: str | None
    value: float
    sources: list[int]
    kept: list[float]
    coverage_minutes: int | None
    is_partial: bool
    revision: int
    revised_at: datetime
    rules: int


def kept_figures(user_key: int, priority: Priority, *, first: date, last: date) -> list[KeptFigure]:
    """Return the figures of the days first..last, in no order. One query where nothing is due."""
    rows = rows_between(user_key, first, last)
    digest = priority.digest
    outdated = {row.day for row in rows if row.metric is not None and row.rules != digest}
    due = {row.day for row in rows if row.metric is None}
    if not due and not outdated:
        return rows
    refresh(user_key, due | outdated, priority, cause="preference" if outdated else "")
    return [row for row in rows_between(user_key, first, last) if row.metric is not None]


def rows_between(user_key: int, first: date, last: date) -> list[KeptFigure]:
    """Return the kept figures and the marks of a range."""
    values: dict[str, int | date] = {"user": user_key, "kind": int(DueDay.Kind.FIGURES), "first": first, "last": last}
    with prepared(binary=True) as cursor:
        cursor.execute(_FIGURES, values)
        return [KeptFigure(*row) for row in cursor.fetchall()]
