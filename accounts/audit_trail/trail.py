"""Reading the audit trail: whose entries a caller sees, a page of them, and all of them, a slice at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from accounts.models import AuditEntry, Developer
from wearlink.lib import clock
from wearlink.lib.api.rendering import dumps
from wearlink.lib.postgres import prepared, release_connection

SLICE: Final = 2_000
_COLUMNS: Final = """
    sequence, (extract(epoch FROM created_at) * 1000)::bigint, action, actor_kind, actor_id, target_type, target_id,
    data::text, encode(hash, 'hex')
"""
_WHERE: Final = """
    organization_id = %(organization)s::uuid
    AND (%(actor)s::text IS NULL OR (actor_kind = 'developer' AND actor_id = %(actor)s::text))
    AND (%(action)s::text IS NULL OR action = %(action)s::text OR starts_with(action, %(action)s::text || '.'))
    AND (%(start)s::timestamptz IS NULL OR created_at >= %(start)s::timestamptz)
    AND (%(end)s::timestamptz IS NULL OR created_at < %(end)s::timestamptz)
"""
# Written out: a line of an export costs 4 µs so, and 25 by the ORM (`make bench`, audit).
_AFTER: Final = f"""
    SELECT {_COLUMNS} FROM accounts_auditentry WHERE {_WHERE} AND sequence > %(place)s::bigint
    ORDER BY sequence LIMIT %(limit)s
"""  # noqa: S608 - put together from our own pieces
_BEFORE: Final = f"""
    SELECT {_COLUMNS} FROM accounts_auditentry
    WHERE {_WHERE} AND (%(place)s::bigint IS NULL OR sequence < %(place)s::bigint)
    ORDER BY sequence DESC LIMIT %(limit)s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """A choice of entries: of one organization, in [start, end), of one action or all below a dotted prefix of names.

    `actor`: only what this developer did.
    """

    organization: UUID
    actor: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    action: str | None = None

    def parameters(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


def visible_to(
    developer: Developer | None, organization: UUID, *, start: datetime | None, end: datetime | None, action: str | None
) -> TrailFilter:
    """Return what is asked for, of what a caller may see: members what they did themselves, all others everything.

    developer: None for an API key.
    """
    own = developer is not None and not developer.manages
    return TrailFilter(organization, str(developer.pk) if developer is not None and own else None, start, end, action)


class TrailRow(NamedTuple):
    """An entry as it is shown; `data` is JSON text."""

    sequence: int
    at: int  # ms
    action: str
    actor_kind: str
    actor_id: str
    target_type: str
    target_id: str
    data: str
    hash: str

    def shown(self) -> dict[str, Any]:
        """Return the entry for `dumps`, which takes dates and ids as they are."""
        return {
            "sequence": self.sequence,
            "created_at": clock.rfc3339(self.at),
            "action": self.action,
            "actor_kind": self.actor_kind,
            "actor_id": self.actor_id,
            "target_type": self.target_type,
            "target_id": self.target_id,
            "data": orjson.Fragment(self.data),
            "hash": self.hash,
        }


def page(wanted: TrailFilter, *, before: int | None, limit: int) -> list[TrailRow]:
    """Return entries, newest first, below a number of the chain."""
    return _rows(_BEFORE, wanted, before, limit)


def lines(wanted: TrailFilter) -> Iterator[bytes]:
    """Yield all entries as lines of JSON, oldest first, some thousand at a time.

    Slices by number instead of a cursor of the server: entries are only ever added, so nothing can shift, and no
    transaction stays open nor a connection occupied while a slow client takes the lines.
    """
    place = 0
    while True:
        rows = _rows(_AFTER, wanted, place, SLICE)
        release_connection()
        if rows:
            yield b"".join([dumps(row.shown()) + b"\n" for row in rows])
        if len(rows) < SLICE:
            return
        place = rows[-1].sequence


def find(organization: UUID, key: int) -> TrailRow | None:
    """Return one entry, by the key that audit.first_broken names."""
    found = AuditEntry.objects.filter(organization_id=organization, pk=key).values_list("sequence", flat=True).first()
    rows = [] if found is None else _rows(_AFTER, TrailFilter(organization), found - 1, 1)
    return rows[0] if rows else None


def length(organization: UUID) -> int:
    """Return how many entries an organization's chain has."""
    last = AuditEntry.objects.filter(organization_id=organization).order_by("-sequence").values_list("sequence")
    return next(iter(last[:1]), (0,))[0]


def _rows(statement: str, wanted: TrailFilter, place: int | None, limit: int) -> list[TrailRow]:
    with prepared() as cursor:
        cursor.execute(statement, wanted.parameters() | {"place": place, "limit": limit})
        return [TrailRow(*row) for row in cursor.fetchall()]
