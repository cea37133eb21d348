"""Receipts of erasures: signed by us, so that a forgery can be recognized."""

import hashlib
from typing import Final

from wearlink.lib.security import tokens
from wearlink.lib.security.tokens import InvalidToken, Purpose

_LASTS: Final = 100 * 365 * 86_400  # seconds; a receipt does not expire


def sign(erasure_id: str, content: bytes) -> tuple[str, str]:
    """Return the digest (hex SHA-256) of what a receipt says, and its signature, a token of ours over it."""
    digest = hashlib.sha256(content).hexdigest()
    return digest, tokens.issue(Purpose.ERASURE, erasure_id, lifetime=_LASTS, digest=digest)


def is_ours(erasure_id: str, content: bytes, signature: str) -> bool:
    """Return whether we signed exactly this for that erasure."""
    try:
        claims = tokens.read(signature, Purpose.ERASURE)
    except InvalidToken:
        return False
    return claims.subject == erasure_id and claims.more.get("digest") == hashlib.sha256(content).hexdigest()
