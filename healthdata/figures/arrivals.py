"""Whether more of an end user's data is on its way: while an upload lasts, computing its days waits.

Payloads belong to an app on the right, which registers how to ask for them. Reads compute what is marked themselves, so
nobody sees figures that are older than the data.
"""

from collections.abc import Callable
from typing import Final

from healthdata.models import DueDay
from wearlink.lib import clock

SETTLING_SECONDS: Final = 3.0  # from the first data until a worker computes: more of the same upload is on its way
MAX_SETTLING_SECONDS: Final = 30.0  # the same where more and more comes

_WAITING: list[Callable[[int], bool]] = []


def register(waits: Callable[[int], bool]) -> None:
    """Have `waits` asked whether anything of an end user (by key) is still to be stored."""
    _WAITING.append(waits)


def pause(user_key: int) -> float:
    """Return for how many seconds computing should give way to an upload; 0: not at all.

    As long again as the oldest mark has waited, so twice as long each time, and MAX_SETTLING_SECONDS in all.
    """
    marks = DueDay.objects.filter(user_key=user_key).order_by("since").values_list("since", flat=True)
    if (since := marks.first()) is None:
        return 0.0
    age = (clock.now() - since).total_seconds()
    left = MAX_SETTLING_SECONDS - age
    if left <= 0 or not any(waits(user_key) for waits in _WAITING):
        return 0.0
    return min(max(age, SETTLING_SECONDS), left)
