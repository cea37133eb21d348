"""Reading the change feed: pages of what changed, in an order in which nothing is ever put in before what was read.

A change becomes visible when its transaction commits, which may be after one that began later. So no number given
while writing can be the order of the feed. Rows are placed after they are visible: who reads takes the organization's
lock, numbers what has no place yet, and lets go. What commits later gets a later place.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from healthdata.models import DataChange
from wearlink.lib import clock

KEPT: Final = timedelta(days=90)
BATCH_SIZE: Final = 20_000  # rows placed by one reader: the rest follows with the next
DELETED_BATCH_SIZE: Final = 10_000
_LOCKS: Final = 0x66656564  # "feed": the first half of the advisory lock's key

# Places are a round's number, which grows for ever (also when all rows were pruned), and the row's within it.
# Written out: advisory lock, window and sequence in one statement.
_PLACE: Final = """
WITH ordered AS (
    SELECT id, row_number() OVER (ORDER BY id) AS place FROM (
        SELECT id FROM healthdata_datachange WHERE organization_id = %(organization)s AND position IS NULL
        ORDER BY id LIMIT %(most)s
    ) AS unplaced
), round AS (
    SELECT nextval('healthdata_feed_round') << 20 AS place
)
UPDATE healthdata_datachange AS change SET position = round.place + ordered.place
FROM ordered, round WHERE change.id = ordered.id
"""


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes in order, the place to go on after, and whether there is more now."""

    rows: list[DataChange]
    after: int
    more: bool


def page(organization: UUID, *, user_key: int | None = None, after: int = 0, limit: int) -> ChangePage:
    """Changes that come after a place; of the whole organization, or of one end user."""
    place(organization)
    rows = DataChange.objects.filter(organization_id=organization, position__gt=after)
    if user_key is not None:
        rows = rows.filter(user_key=user_key)
    found = list(rows.order_by("position")[: limit + 1])
    shown = found[:limit]
    return ChangePage(shown, shown[-1].position or after if shown else after, len(found) > limit)


def place(organization: UUID) -> None:
    """Number what has become visible since it was last done. One look where there is nothing to do."""
    if not DataChange.objects.filter(organization_id=organization, position=None).exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCKS, str(organization)])
        cursor.execute(_PLACE, {"organization": organization, "most": BATCH_SIZE})


def prune() -> int:
    """Delete what is older than KEPT; returns how many rows went."""
    gone = 0
    while True:
        old = DataChange.objects.filter(at__lt=clock.now() - KEPT).order_by("at")
        went, _ = DataChange.objects.filter(pk__in=old.values("pk")[:DELETED_BATCH_SIZE]).delete()
        gone += went
        if went < DELETED_BATCH_SIZE:
            return gone
