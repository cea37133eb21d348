"""API keys: making, checking, replacing and revoking them.

    sk-<8 characters: public id><32: secret><6: CRC-32 of all before it>

The checksum lets a mistyped or made-up key be refused without a query. The HMAC of the whole key under
settings.API_KEY_PEPPER is what is stored; a copy of the table is of no use without the pepper. Each process remembers
a key that was found good for REMEMBERED_SECONDS under that HMAC, and asks Valkey at each use whether it still is
(wearlink.lib.valkey.remembered), so a revoked key is dead at once.
"""

import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.models import ApiKey, Developer, Organization
from wearlink.lib import clock
from wearlink.lib.errors import NotFound
from wearlink.lib.valkey.ratelimit import Count
from wearlink.lib.valkey.remembered import Remembered

PREFIX = "sk-"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PUBLIC_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 8, 32, 6
SHAPE = re.compile(r"sk-([0-9A-Za-z]{8})([0-9A-Za-z]{32})([0-9A-Za-z]{6})", re.ASCII)
IN_PATH = re.compile(r"sk-([0-9A-Za-z]{8})(?:[0-9A-Za-z]{38})?", re.ASCII)
REMEMBERED_SECONDS = 30
USED_EVERY = timedelta(minutes=1)
_live = Remembered[ApiKey]("key", REMEMBERED_SECONDS)


class KeyNotFound(NotFound):
    """The organization has no live key of that id."""

    default_code = "api_key_not_found"


@dataclass(frozen=True, slots=True)
class MintedKey:
    """A key that has just been made."""

    row: ApiKey
    secret: str  # the whole key; exists only in this answer


def mint(*, organization: Organization, name: str, created_by: Developer | None = None) -> MintedKey:
    """Return a new key, stored; no audit entry of its own."""
    public_id = _random(PUBLIC_LENGTH)
    body = f"sk-{public_id}{_random(SECRET_LENGTH)}"
    whole = body + _checksum(body)
    row = ApiKey.objects.create(
        organization=organization, public_id=public_id, digest=_digest(whole), name=name, created_by=created_by
    )
    return MintedKey(row, whole)


@transaction.atomic
def create(*, organization: Organization, name: str, actor: audit.Actor, created_by: Developer | None) -> MintedKey:
    """Return a new key of the organization."""
    minted = mint(organization=organization, name=name, created_by=created_by)
    audit.record("api_key.created", actor=actor, organization=organization, target=minted.row)
    return minted


@transaction.atomic
def rotate(
    *, organization: Organization, public_id: str, actor: audit.Actor, created_by: Developer | None
) -> MintedKey:
    """Replace a key by a new one of the same name; the old one stops working at once. Raises KeyNotFound."""
    old = _locked(organization, public_id)
    fresh = mint(organization=organization, name=old.name, created_by=created_by)
    _revoke(old)
    data = {"replaces": old.listed_id}
    audit.record("api_key.rotated", actor=actor, organization=organization, target=fresh.row, data=data)
    return fresh


@transaction.atomic
def delete(*, organization: Organization, public_id: str, actor: audit.Actor) -> None:
    """Revoke a key for good. Raises KeyNotFound."""
    old = _locked(organization, public_id)
    _revoke(old)
    audit.record("api_key.deleted", actor=actor, organization=organization, target=old)


def public_part(text: str) -> str:
    """Return the public id inside a key or its beginning, as it stands in a path. Raises KeyNotFound for any other
    text.
    """
    match = IN_PATH.fullmatch(text)
    if match is None:
        raise KeyNotFound("No such API key.")
    return match[1]


def find(whole: str) -> ApiKey | None:
    """Return the live key with its organization, or None. One look into Valkey; a query only when it is
    not remembered.
    """
    named = _named(whole)
    return None if named is None else _live.get(named[1], lambda: _read(whole, *named))[0]


def find_counted(whole: str) -> tuple[ApiKey | None, Count | None]:
    """Do as `find`; in the same look a call with a remembered key is counted, and the count comes along."""
    named = _named(whole)
    return (None, None) if named is None else _live.get(named[1], lambda: _read(whole, *named), bucket=bucket)


def bucket(row: ApiKey) -> str:
    """Return the counter of the calls made with a key."""
    return f"key:{row.public_id}"


def forget_organization(organization_id: UUID) -> None:
    """Let the next call of each key read the organization again, once this transaction is committed."""
    digests = ApiKey.objects.live().filter(organization_id=organization_id).values_list("digest", flat=True)
    names = list(digests)
    transaction.on_commit(lambda: _live.forget(names), robust=True)


def _named(whole: str) -> tuple[str, str] | None:
    """Return public id and digest of a text that looks like a key; None for any other."""
    match = SHAPE.fullmatch(whole)
    if match is None or not hmac.compare_digest(_checksum(whole[:-CHECKSUM_LENGTH]), match[3]):
        return None
    return match[1], _digest(whole)


def _read(whole: str, public_id: str, digest: str) -> ApiKey | None:
    """Return the key's row. One that is stored under an older pepper is stored again under the first."""
    row = ApiKey.objects.live().select_related("organization").filter(public_id=public_id).first()
    if row is None:
        return None
    if not hmac.compare_digest(row.digest, digest):
        if not any(hmac.compare_digest(row.digest, _digest(whole, pepper)) for pepper in _peppers()[1:]):
            return None
        row.digest = digest
        row.save(update_fields=["digest"])
    _note_use(row)
    return row


def _locked(organization: Organization, public_id: str) -> ApiKey:
    rows = ApiKey.objects.for_organization(organization).live().select_for_update()
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise KeyNotFound("No such API key.")
    return row


def _revoke(row: ApiKey) -> None:
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    transaction.on_commit(lambda: _live.forget([row.digest]), robust=True)


def _note_use(row: ApiKey) -> None:
    """Note the time of use, at most once a minute; reached only when the key was not remembered."""
    now = clock.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USED_EVERY)
    if row.last_used_at is None or row.last_used_at < now - USED_EVERY:
        ApiKey.objects.filter(stale, pk=row.pk).update(last_used_at=now)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    """CRC-32 in base 62, six digits."""
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        digits = ALPHABET[place] + digits
    return digits


def _digest(whole: str, pepper: str = "") -> str:
    """Return the digest under the given pepper, else under the first."""
    return hmac.digest((pepper or _peppers()[0]).encode(), whole.encode(), "sha256").hex()


def _peppers() -> list[str]:
    """Return the peppers. The first makes digests and all check them, so that a new one does not end every key."""
    return [word.strip() for word in settings.API_KEY_PEPPER.split(",") if word.strip()]
