"""Secrets and signatures by Standard Webhooks 1.0.0.

Signed is ``{id}.{unix seconds}.{body}``, HMAC-SHA256 with the bytes behind ``whsec_``, written ``v1,<base64>``; while
a replaced secret is still good, a second signature follows after a space. The headers go out under both names in use.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache

from wearlink.lib.errors import InvalidInput

PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE = 300  # seconds that clocks may differ, or a call may be on its way
HEADER_SETS = ("svix", "webhook")


def new_secret() -> str:
    """Return ``whsec_`` and base64 of random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def check_secret(secret: str) -> None:
    """Judge a secret that a customer brings along: 24 to 64 bytes in base64 behind whsec_. Raises InvalidInput."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise InvalidInput.on("secret", "must be whsec_ and base64.") from error
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise InvalidInput.on("secret", "must be whsec_ and the base64 of 24 to 64 bytes.")


def headers(message_id: str, timestamp: int, body: bytes, whole_secrets: Sequence[str]) -> dict[str, str]:
    """Return id, timestamp (seconds of this attempt) and signatures, under both sets of names."""
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    signature = " ".join(_signature(secret, signed) for secret in whole_secrets)
    values = {"id": message_id, "timestamp": str(timestamp), "signature": signature}
    return {f"{name}-{part}": value for name in HEADER_SETS for part, value in values.items()}


def is_signed(headers: Mapping[str, str], body: bytes, secret: str, now: int) -> bool:
    """Return whether a call to us is signed with the secret, under either set of names, and of these minutes (`now`:
    unix seconds).
    """
    for name in HEADER_SETS:
        message_id, sent, given = (headers.get(f"{name}-{part}", "") for part in ("id", "timestamp", "signature"))
        if not (message_id and sent.isascii() and sent.isdigit() and abs(now - int(sent[:12])) <= TOLERANCE):
            continue
        try:
            expected = _signature(secret, b"%s.%d.%s" % (message_id.encode(), int(sent[:12]), body))
        except ValueError:  # the secret is no base64
            return False
        if any(hmac.compare_digest(one.encode(), expected.encode()) for one in given.split(" ")):
            return True
    return False


def _signature(secret: str, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


@lru_cache(maxsize=1024)
def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
