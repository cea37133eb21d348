"""Panels of the audit trail beside what the acts were done to."""

from collections.abc import Iterable, Sequence
from typing import Final

from accounts.models import AuditEntry
from adminportal.kit.small_tables import SmallListing
from adminportal.kit.tables import TableColumn

COLUMNS: Final = (
    TableColumn("Action", lambda row: row.action),
    TableColumn("When", lambda row: row.created_at, "when"),
    TableColumn("By", lambda row: row.actor_kind),
    TableColumn("Id", lambda row: row.actor_id, "code", wide=True),
    TableColumn("Entry", lambda row: row.pk, "place"),
)


def panel(
    rows: Iterable[AuditEntry], title: str = "What was done", *, name: str = "acts"
) -> tuple[SmallListing, Sequence[AuditEntry]]:
    """Entries as one of a page's small lists."""
    return SmallListing(name=name, title=title, columns=COLUMNS, empty="Nothing has been done yet."), list(rows)
