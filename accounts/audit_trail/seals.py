"""Seals of the audit trail: keyed hashes of the entries' hashes, by keys that the database never sees.

The chain shows that nothing was changed by those who cannot compute it again. Somebody with the database can: triggers
off, entries rewritten, the chain made again. The seals then do not fit, and only a process with the key makes new ones.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from django.conf import settings

from accounts.models import AuditEntry, AuditSeal

SLICE: Final = 10_000
SHOWN: Final = 16  # hex digits kept of an address's hash: enough to see that two are the same


def keys() -> dict[str, bytes]:
    """Return the known keys by name, the one that seals first: AUDIT_KEYS, else SECRET_KEY and its fallbacks."""
    texts = settings.AUDIT_KEYS or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    found = [hashlib.sha256(b"audit trail:" + text.encode()).digest() for text in texts]
    return {hashlib.sha256(key).hexdigest()[:8]: key for key in found}


def digest(message: bytes, key: bytes | None = None) -> bytes:
    """Return the keyed hash, by the first key where none is given."""
    return hmac.digest(key or next(iter(keys().values())), message, "sha256")


def digest_of_address(address: str) -> str:
    """Return the part of a network address that an entry may hold: the key's holder finds the same one by it."""
    return digest(b"address:" + address.encode()).hex()[:SHOWN]


def put_on(entry: AuditEntry) -> None:
    """Seal an entry that was just added."""
    put_on_all([(entry.pk, entry.hash)])


def put_on_all(entries: Iterable[tuple[int, bytes | memoryview]]) -> None:
    """Seal entries that were just added: their ids and hashes."""
    name, key = next(iter(keys().items()))
    rows = (AuditSeal(entry_id=pk, key_name=name, seal=digest(bytes(hashed), key)) for pk, hashed in entries)
    AuditSeal.objects.bulk_create(rows, batch_size=SLICE)
