"""Anchors of the audit trail: the heads of its chains at the end of each day, kept in the object store.

A chain whose last entries were cut off is whole in itself, seals and all. The anchor still knows how far it had come.
Anchors are written once and never again; a bucket that keeps versions or locks objects keeps them from its own keys.
"""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from accounts.audit_trail import seals
from accounts.models import AuditEntry
from wearlink.lib import clock, storage
from wearlink.lib.errors import NotFound

FOLDER: Final = "audit-anchors"  # not among the folders that are swept: no row knows its objects
LOOKED_AT: Final = 7  # anchors that are looked at before the next is written
logger = logging.getLogger(__name__)


def write_yesterdays() -> None:
    """Write the anchor of the day that is over, unless it is there; compare the trail with those of the last week."""
    today = clock.now().date()
    write(today - timedelta(days=1))
    for back in range(1, LOOKED_AT + 1):
        for fault in faults_of(today - timedelta(days=back)):
            logger.critical("The audit trail is not what it was: %s", fault)


def write(day: date) -> bool:
    """Keep how far each chain had come by the end of the day (UTC) that it grew on; False if that is kept already."""
    if storage.exists(_key(day)):
        return False
    lines = "".join(json.dumps(head) + "\n" for head in _heads(day)).encode()
    name, seal = next(iter(seals.keys())), seals.digest(_sealed(day, lines)).hex()
    storage.put(_key(day), lines + json.dumps({"key": name, "seal": seal}).encode() + b"\n")
    return True


def kept_days() -> list[date]:
    """Return the days there are anchors of."""
    names = (one.key.rpartition("/")[2].removesuffix(".jsonl") for one in storage.walk(FOLDER))
    return sorted(date.fromisoformat(name) for name in names)


def faults_of(day: date) -> Iterator[str]:
    """Yield in words which entries of a day's anchor the trail no longer holds; nothing where there is no anchor."""
    try:
        *lines, last = storage.get(_key(day)).splitlines(keepends=True)
    except NotFound:
        return
    stored = json.loads(last)
    key = seals.keys().get(stored["key"])
    if key is None or seals.digest(_sealed(day, b"".join(lines)), key).hex() != stored["seal"]:
        yield f"the anchor of {day} was not made by this installation, or its key is gone"
        return
    for line in lines:
        head = json.loads(line)
        rows = AuditEntry.objects.filter(organization_id=head["chain"], sequence=head["sequence"])
        found = rows.values_list("hash", flat=True).first()
        if found is None or bytes(found).hex() != head["hash"]:
            what = "is missing" if found is None else "is another"
            yield f"{head['chain'] or 'platform'}: entry number {head['sequence']}, the last of {day}, {what}"


def _heads(day: date) -> Iterator[dict[str, Any]]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = AuditEntry.objects.filter(created_at__gte=start, created_at__lt=start + timedelta(days=1))
    heads = rows.order_by("organization_id", "-sequence").distinct("organization_id")
    for chain, sequence, hashed in heads.values_list("organization_id", "sequence", "hash"):
        yield {"chain": None if chain is None else str(chain), "sequence": sequence, "hash": bytes(hashed).hex()}


def _sealed(day: date, lines: bytes) -> bytes:
    return b"anchor:" + day.isoformat().encode() + b"\n" + lines


def _key(day: date) -> str:
    return f"{FOLDER}/{day.isoformat()}.jsonl"
