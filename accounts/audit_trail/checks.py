"""Checking the chains of the audit trail: all of one, or in a request what is new since all of it was walked last.

A night's walk remembers how far a chain was whole, sealed with our key, so that the database alone cannot move the
point. A request about a long chain begins there, if the entry at the point is still the one that it was: an old entry
that was changed and the chain made again shows at once, one that was only changed shows by night or to `verify_audit`,
which know no point.
"""

import hmac
import logging
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from accounts.audit_trail import seals
from accounts.models import AuditCheck, AuditEntry
from wearlink.lib import clock

SLICE: Final = 5_000
MAX_ENTRIES: Final = 50_000  # entries a request looks at: some seconds
NIGHT_SECONDS: Final = 480.0
# Written out: `accounts_audit_hash(entry)` takes a whole row, for which the ORM has no word.
_ENTRIES: Final = """
    SELECT entry.id, entry.sequence, entry.previous_hash, entry.hash, accounts_audit_hash(entry),
           seal.key_name, seal.seal
    FROM accounts_auditentry entry LEFT JOIN accounts_auditseal seal ON seal.entry_id = entry.id
    WHERE {chain} AND entry.sequence > %(place)s ORDER BY entry.sequence LIMIT %(limit)s
"""
_OF_ORGANIZATION: Final = _ENTRIES.format(chain="entry.organization_id = %(organization)s")
_OF_PLATFORM: Final = _ENTRIES.format(chain="entry.organization_id IS NULL")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChainPlace:
    """An entry's number and hash; the beginning of a chain has neither."""

    sequence: int = 0
    hash: bytes = b""


@dataclass(frozen=True, slots=True)
class ChainWalk:
    """The progress of a walk over a chain; broken: the first entry that does not follow, or has no seal of ours."""

    broken: int | None
    reached: ChainPlace
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """The verdict on a chain within a request. Entries up to `began_after` were found whole by a walk over all of them.

    broken: the id of the first wrong entry; None where none is, and where what is wrong is that entries are missing.
    """

    is_whole: bool
    broken: int | None
    began_after: int
    reached: int
    walked_at: datetime | None


def walk(
    organization_id: UUID | None,
    begin: ChainPlace = ChainPlace(),
    *,
    most: int | None = None,
    until: float | None = None,
) -> ChainWalk:
    """Look at the entries behind a place, each once: at so many, or until so late (monotonic seconds)."""
    known, place, left = seals.keys(), begin, most
    while left is None or left > 0:
        if until is not None and time.monotonic() > until:
            return ChainWalk(None, place, is_complete=False)
        limit = SLICE if left is None else min(SLICE, left)
        rows = _slice(organization_id, place.sequence, limit)
        for key, sequence, previous, hashed, expected, *seal in rows:
            follows = sequence == place.sequence + 1 and previous == place.hash and hashed == expected
            if not follows or not _fits(hashed, known, *seal):
                return ChainWalk(key, place)
            place = ChainPlace(sequence, hashed)
        if len(rows) < limit:
            return ChainWalk(None, place)
        left = None if left is None else left - len(rows)
    return ChainWalk(None, place, is_complete=False)


def check(organization_id: UUID | None) -> ChainCheck:
    """Look at all of a chain that is not long, at what is new of a long one; MAX_ENTRIES entries at the most."""
    row = AuditCheck.objects.filter(organization_id=organization_id, is_complete=True).first()
    point = None if row is None else _point(row)
    walked_at = None if row is None or point is None else row.walked_at
    is_unchanged = point is None or _is_unchanged(organization_id, point)
    begin = point if point is not None and is_unchanged and point.sequence > MAX_ENTRIES else ChainPlace()
    found = walk(organization_id, begin, most=MAX_ENTRIES)
    broken = found.broken or (None if row is None else row.broken)
    is_whole = is_unchanged and broken is None
    return ChainCheck(is_whole, broken, begin.sequence, found.reached.sequence, walked_at)


def check_all(seconds: float = NIGHT_SECONDS) -> None:
    """Walk whole chains, those first that were looked at longest ago, and remember how far each was whole.

    A chain for which the time is too short is gone on with another night, after those that wait longer.
    """
    until = time.monotonic() + seconds
    looked_at = dict(AuditCheck.objects.order_by("walked_at").values_list("organization_id", "walked_at"))
    chains = AuditEntry.objects.order_by("organization_id").values_list("organization_id", flat=True).distinct()
    for chain in sorted(chains, key=lambda one: (one in looked_at, looked_at.get(one))):
        found = walk(chain, _left_off(chain), until=until)
        if found.broken is not None:
            logger.critical("The audit trail is not what it was: %s, entry %s", chain or "platform", found.broken)
        _remember(chain, found)
        if not found.is_complete:
            logger.info("The time for the audit trail is over; the check goes on at the next one")
            return


def _left_off(chain: UUID | None) -> ChainPlace:
    """Return where an unfinished walk goes on: at the beginning if the entry there is no longer the one that it was."""
    row = AuditCheck.objects.filter(organization_id=chain, is_complete=False).first()
    point = None if row is None else _point(row)
    return point if point is not None and _is_unchanged(chain, point) else ChainPlace()


def _remember(chain: UUID | None, found: ChainWalk) -> None:
    values: dict[str, Any] = {
        "sequence": found.reached.sequence,
        "hash": found.reached.hash,
        "broken": found.broken,
        "walked_at": clock.now(),
        "key_name": next(iter(seals.keys())),
        "seal": seals.digest(_sealed(chain, found.reached)),
    }
    with transaction.atomic():
        AuditCheck.objects.update_or_create(organization_id=chain, is_complete=found.is_complete, defaults=values)
        if found.is_complete:
            AuditCheck.objects.filter(organization_id=chain, is_complete=False).delete()


def _point(row: AuditCheck) -> ChainPlace | None:
    """Return where a walk had come; None where we did not write that, or its key is gone."""
    place = ChainPlace(row.sequence, bytes(row.hash))
    key = seals.keys().get(row.key_name)
    if key is None or not hmac.compare_digest(seals.digest(_sealed(row.organization_id, place), key), bytes(row.seal)):
        return None
    return place


def _is_unchanged(chain: UUID | None, point: ChainPlace) -> bool:
    """Return whether the entry at the point is the one that it was."""
    rows = AuditEntry.objects.filter(organization=chain, sequence=point.sequence)
    hashed = rows.values_list("hash", flat=True).first()
    return not point.sequence or (hashed is not None and bytes(hashed) == point.hash)


def _sealed(chain: UUID | None, place: ChainPlace) -> bytes:
    return f"walked:{chain or 'platform'}:{place.sequence}:".encode() + place.hash


def _slice(chain: UUID | None, after: int, limit: int) -> list[tuple[Any, ...]]:
    statement = _OF_PLATFORM if chain is None else _OF_ORGANIZATION
    with connection.cursor() as cursor:
        cursor.execute(statement, {"organization": chain, "place": after, "limit": limit})
        return cursor.fetchall()


def _fits(hashed: bytes, known: dict[str, bytes], key_name: str | None, seal: bytes | None) -> bool:
    key = known.get(key_name or "")
    return key is not None and seal is not None and hmac.compare_digest(seals.digest(hashed, key), seal)
