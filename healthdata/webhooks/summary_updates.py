"""daily_summary.updated: which figures of days changed, at most once an end user and five minutes.

Changes are collected in a row of the end user; the first one is sent after a moment, since more of the same upload is
on its way, and the next ones five minutes later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction

from accounts.webhooks import events, subscribers
from accounts.webhooks.events import Event
from healthdata.models import SummaryUpdate
from wearlink.lib import clock

TYPE: Final = "daily_summary.updated"
MOMENT: Final = timedelta(seconds=10)
EVERY: Final = timedelta(minutes=5)
MAX_DAYS: Final = 100  # of one event, the newest
BATCH_SIZE: Final = 200


@dataclass(slots=True)
class DayChange:
    """The changes of one day: the highest revision of its figures, and the names of the figures."""

    revision: int = 0
    metrics: set[str] = field(default_factory=set)


def note(user_key: int, changes: Mapping[date, DayChange]) -> None:
    """Collect changed days, in the transaction that changes them. Nothing is kept where nobody subscribes."""
    user = subscribers.of_end_user(user_key) if changes else None
    if user is None or TYPE not in user.subscribers.types_for(user.user_id):
        return
    with transaction.atomic():
        SummaryUpdate.objects.get_or_create(user_key=user_key)
        row = SummaryUpdate.objects.select_for_update().get(user_key=user_key)
        for day, change in changes.items():
            known = row.days.setdefault(day.isoformat(), {"revision": 0, "metrics": []})
            known["revision"] = change.revision
            known["metrics"] = sorted({*_names(known["metrics"]), *change.metrics})
        if row.due_at is None:
            soon = clock.now() + MOMENT
            row.due_at = max(soon, row.emitted_at + EVERY) if row.emitted_at else soon
        row.save()


def emit_due() -> int:
    """Tell what is due; returns how many end users."""
    count = 0
    while True:
        with transaction.atomic():
            due = SummaryUpdate.objects.select_for_update(skip_locked=True).filter(due_at__lte=clock.now())
            rows = list(due.order_by("due_at")[:BATCH_SIZE])
            for row in rows:
                _emit(row)
        count += len(rows)
        if len(rows) < BATCH_SIZE:
            return count


def _emit(row: SummaryUpdate) -> None:
    user = subscribers.of_end_user(row.user_key)
    if user is not None:
        data = {"user_id": str(user.user_id), **_shown(row.days)}
        events.emit_many(user.subscribers, [Event(TYPE, data, user_id=user.user_id)])
    row.days, row.due_at, row.emitted_at = {}, None, clock.now()
    row.save()


def _shown(days: Mapping[str, Mapping[str, object]]) -> dict[str, Any]:
    newest: Sequence[str] = sorted(days)[-MAX_DAYS:]
    return {"days": [{"date": day, **days[day]} for day in newest], "days_omitted": len(days) > MAX_DAYS}


def _names(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
