"""Opaque cursors: where a list goes on, signed and bound to the query it belongs to."""

import base64
import binascii
import hmac
from typing import Any

import orjson
from django.conf import settings

from wearlink.lib.errors import InvalidInput

SIGNATURE_BYTES = 12
LONGEST = 1024


def sign(payload: list[Any], binding: str) -> str:
    """Text for next_cursor. ``payload`` is JSON; ``binding`` names the query (tenant, path, filters) it continues."""
    data = orjson.dumps({"c": payload})
    return base64.urlsafe_b64encode(data + _signature(data, binding)).decode().rstrip("=")


def unsign(cursor: str, binding: str) -> list[Any]:
    """The payload. Raises InvalidInput on "cursor" for one that is damaged, forged, or of another query."""
    data = _decoded(cursor)
    body, signature = data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(body, binding)):
        raise InvalidInput.on(
            "cursor", "does not belong to this query; pass next_cursor back with the same parameters."
        )
    payload: list[Any] = orjson.loads(body)["c"]
    return payload


def _decoded(cursor: str) -> bytes:
    try:
        return base64.b64decode(cursor[:LONGEST].encode() + b"==", altchars=b"-_", validate=False)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput.on("cursor", "is no cursor of ours; pass next_cursor back unchanged.") from error


def _signature(data: bytes, binding: str) -> bytes:
    key = f"wearlink cursor {settings.SECRET_KEY}".encode()
    return hmac.digest(key, binding.encode() + b"\0" + data, "sha256")[:SIGNATURE_BYTES]
