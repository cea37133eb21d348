"""Signed tokens, the only user of PyJWT: one algorithm, one audience a purpose, keys by id.

A token of one purpose never passes for another: the audience differs, and so does the key, which is derived from the
ring's key and the audience. The first key of settings.TOKEN_KEYS signs, all verify, so that a key can be changed
without ending every session.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings

from wearlink.lib import clock
from wearlink.lib.errors import Unauthorized

ALGORITHM = "HS256"
ISSUER = "wearlink"
LEEWAY_SECONDS = 10
REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]


class Purpose(StrEnum):
    """The purpose of a token, which is also its audience."""

    DASHBOARD = "wearlink:dashboard"
    SDK = "wearlink:sdk"
    CONNECT = "wearlink:connect"
    UPLOAD = "wearlink:upload"
    VERIFY_EMAIL = "wearlink:verify-email"
    PASSWORD_RESET = "wearlink:password-reset"  # noqa: S105 (a name, no secret)
    INVITATION = "wearlink:invitation"
    ERASURE = "wearlink:erasure-receipt"


LIFETIME = {
    Purpose.DASHBOARD: 3600,
    Purpose.SDK: 3600,
    Purpose.CONNECT: 900,
    Purpose.UPLOAD: 3600,
    Purpose.VERIFY_EMAIL: 3 * 86_400,
    Purpose.PASSWORD_RESET: 3600,
    Purpose.INVITATION: 7 * 86_400,
    Purpose.ERASURE: 0,  # its issuer says
}


class InvalidToken(Unauthorized):
    """Forged, expired, or made for something else."""

    default_code = "invalid_token"


@dataclass(frozen=True, slots=True)
class Claims:
    """A verified token: whom it is about and what else it says."""

    subject: str
    more: Mapping[str, Any]


def issue(purpose: Purpose, subject: str, *, lifetime: int | None = None, **more: str | int) -> str:
    """Return a signed token about ``subject``; lifetime in seconds (default: the purpose's own)."""
    now = clock.now_ms() // 1000
    payload = {
        **more,
        "iss": ISSUER,
        "aud": purpose.value,
        "sub": subject,
        "iat": now,
        "exp": now + (LIFETIME[purpose] if lifetime is None else lifetime),
        "jti": secrets.token_urlsafe(12),
    }
    kid = next(iter(_ring(tuple(settings.TOKEN_KEYS), purpose)))
    key = _ring(tuple(settings.TOKEN_KEYS), purpose)[kid]
    return jwt.encode(payload, key, algorithm=ALGORITHM, headers={"kid": kid})


def read(token: str, purpose: Purpose, *, may_be_late: bool = False) -> Claims:
    """Return the claims of a token made for this purpose. Raises InvalidToken, which says whether it merely expired.

    may_be_late: also of one that has expired; only for data that anybody may see.
    """
    try:
        key = _ring(tuple(settings.TOKEN_KEYS), purpose)[jwt.get_unverified_header(token).get("kid", "")]
        payload = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=purpose.value,
            issuer=ISSUER,
            options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},  # PyJWT's clock is not ours
        )
        _require_in_time(int(payload["iat"]), clock.now_ms() // 1000 + 1 if may_be_late else int(payload["exp"]))
    except jwt.ExpiredSignatureError as error:
        raise InvalidToken("The token has expired.", code="token_expired") from error
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
        raise InvalidToken("The token is not valid here.") from error
    return Claims(subject=payload["sub"], more=payload)


def purpose_of(token: str) -> Purpose | None:
    """Return what an unverified token claims to be for; to choose who shall verify it, never to trust it."""
    try:
        payload = jwt.decode(token, options={"verify_signature": False})
        return Purpose(str(payload.get("aud")))
    except (jwt.InvalidTokenError, ValueError, TypeError):
        return None


def _require_in_time(begins: int, ends: int) -> None:
    now = clock.now_ms() / 1000
    if ends <= now - LEEWAY_SECONDS:
        raise jwt.ExpiredSignatureError
    if begins > now + LEEWAY_SECONDS:
        raise jwt.ImmatureSignatureError


@lru_cache(maxsize=64)
def _ring(keys: tuple[str, ...], purpose: Purpose) -> dict[str, bytes]:
    """Key id → key of this purpose, the signing one first."""
    ring = {}
    for key in keys:
        kid = hashlib.sha256(b"wearlink kid " + key.encode()).hexdigest()[:8]
        ring[kid] = hmac.digest(key.encode(), purpose.value.encode(), "sha256")
    if not ring:
        raise ValueError("TOKEN_KEYS is empty.")
    return ring
