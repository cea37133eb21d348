"""Working off the days that are due: newest first, in small commits, until none is left or the time is up."""

import time
from datetime import date, timedelta
from typing import Final

from accounts.models import EndUser
from healthdata.figures.keep import BLOCK_DAYS, refresh
from healthdata.merge.preferences import Priority
from healthdata.models import DueDay
from wearlink.lib import clock
from wearlink.lib.work.turns import TaskLine

LINE: Final = TaskLine("healthdata.tasks.compute_figures")
BUDGET_SECONDS: Final = 2.0  # of one turn; what is left goes behind what other organizations wait for
CROWDED_SECONDS: Final = 0.1  # the same while others send
GRACE: Final = timedelta(seconds=60)  # what was marked just now has its task on the way
MAX_USERS: Final = 1_000


def work_off(user_key: int, deadline: float | None = None) -> bool:
    """Compute an end user's due days; True if the time (monotonic) was over before: always after a block of days."""
    deadline = time.monotonic() + BUDGET_SECONDS if deadline is None else deadline
    while days := due_block(user_key):
        priority = priority_of(user_key)
        if priority is None:  # erased, and the rows with the end user
            return False
        refresh(user_key, days, priority)
        if time.monotonic() > deadline:
            return True
    return False


def due_block(user_key: int) -> list[date]:
    """Return the newest due days. What people look at is recent; a history that arrives in pieces is computed once,
    last.
    """
    rows = DueDay.objects.filter(user_key=user_key, kind=DueDay.Kind.FIGURES).order_by("-day")
    return list(rows.values_list("day", flat=True)[:BLOCK_DAYS])


def priority_of(user_key: int) -> Priority | None:
    """Return the orders of sources that hold for an end user; None for an erased one."""
    user = EndUser.objects.select_related("organization").defer("search_text").filter(pk=user_key).first()
    return None if user is None else Priority.cascade(user.organization.source_priority, user.source_priority)


def waiting_users() -> list[int]:
    """Return keys of end users whose days have waited too long, those that wait longest first."""
    rows = DueDay.objects.filter(since__lt=clock.now() - GRACE).order_by("since")
    return list(dict.fromkeys(rows.values_list("user_key", flat=True)[:MAX_USERS]))
