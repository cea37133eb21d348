"""API keys: making, checking, replacing and revoking them.

    sk-<8 characters: public id><32: secret><6: CRC-32 of what stands before it>

The checksum lets a mistyped or made-up key be refused without a query. The HMAC of the whole key under
settings.API_KEY_PEPPER is what is stored; a copy of the table is of no use without the pepper. A key that was found
good is remembered in the cache for CACHE_SECONDS under that HMAC; revoking leaves a tombstone there, so that no process
brings a dead key back.
"""

import hmac
import re
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.models import ApiKey, Developer, Organization
from wearlink.lib import clock
from wearlink.lib.errors import NotFound

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PUBLIC_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 8, 32, 6
SHAPE = re.compile(r"sk-([0-9A-Za-z]{8})([0-9A-Za-z]{32})([0-9A-Za-z]{6})", re.ASCII)
IN_PATH = re.compile(r"sk-([0-9A-Za-z]{8})(?:[0-9A-Za-z]{38})?", re.ASCII)
CACHE_SECONDS = 30
USED_EVERY = timedelta(minutes=1)
_DEAD = "dead"


class KeyNotFound(NotFound):
    """The organization has no live key of that id."""

    default_code = "api_key_not_found"


@dataclass(frozen=True, slots=True)
class MintedKey:
    """A key that has just been made."""

    row: ApiKey
    secret: str  # the whole key; exists only in this answer


def mint(*, organization: Organization, name: str, created_by: Developer | None = None) -> MintedKey:
    """A new key, stored; no audit entry of its own."""
    public_id = _random(PUBLIC_LENGTH)
    body = f"sk-{public_id}{_random(SECRET_LENGTH)}"
    whole = body + _checksum(body)
    row = ApiKey.objects.create(
        organization=organization, public_id=public_id, digest=_digest(whole), name=name, created_by=created_by
    )
    return MintedKey(row, whole)


@transaction.atomic
def create(*, organization: Organization, name: str, actor: audit.Actor, created_by: Developer | None) -> MintedKey:
    """A new key of the organization."""
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
    """The public id inside a key or its beginning, as it stands in a path. Raises KeyNotFound for any other text."""
    match = IN_PATH.fullmatch(text)
    if match is None:
        raise KeyNotFound("No such API key.")
    return match[1]


def find(whole: str) -> ApiKey | None:
    """The live key with its organization, or None. One cache lookup; a query only when it is not remembered."""
    match = SHAPE.fullmatch(whole)
    if match is None or not hmac.compare_digest(_checksum(whole[:-CHECKSUM_LENGTH]), match[3]):
        return None
    digest = _digest(whole)
    known = _remembered(digest)
    if known is not None:
        return None if known == _DEAD else known
    row = ApiKey.objects.live().select_related("organization").filter(public_id=match[1]).first()
    if row is None or not hmac.compare_digest(row.digest, digest):
        return None
    _note_use(row)
    _remember(row)
    return row


def forget_organization(organization_id: UUID) -> None:
    """After the commit, let the next call of each key read the organization afresh."""
    digests = ApiKey.objects.live().filter(organization_id=organization_id).values_list("digest", flat=True)
    names = [_cache_name(digest) for digest in digests]
    transaction.on_commit(lambda: _drop(names), robust=True)


def _locked(organization: Organization, public_id: str) -> ApiKey:
    rows = ApiKey.objects.for_organization(organization).live().select_for_update()
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise KeyNotFound("No such API key.")
    return row


def _revoke(row: ApiKey) -> None:
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    transaction.on_commit(lambda: _bury(row.digest), robust=True)


def _note_use(row: ApiKey) -> None:
    """At most once a minute; only reached when the key was not remembered, which is twice a minute at most."""
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


def _digest(whole: str) -> str:
    return hmac.digest(settings.API_KEY_PEPPER.encode(), whole.encode(), "sha256").hex()


def _cache_name(digest: str) -> str:
    return f"key:{digest}"


def _remembered(digest: str) -> Any:
    try:
        return cache.get(_cache_name(digest))
    except redis.RedisError:  # without the cache every call is a query
        return None


def _remember(row: ApiKey) -> None:
    try:
        cache.add(_cache_name(row.digest), row, CACHE_SECONDS)  # add: never over a tombstone
    except redis.RedisError:
        return


def _bury(digest: str) -> None:
    cache.set(_cache_name(digest), _DEAD, 2 * CACHE_SECONDS)


def _drop(names: Sequence[str]) -> None:
    cache.delete_many(names)
