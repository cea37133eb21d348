"""Opaque cursors: where a list goes on, signed and bound to the query it belongs to."""

from typing import Any, Final

import orjson
from django.core import signing

from wearlink.lib.errors import InvalidInput

MAX_LENGTH: Final = 1024


class CursorSerializer:
    """JSON by orjson, as django.core.signing asks for it; moments become text."""

    def dumps(self, payload: list[Any]) -> bytes:
        return orjson.dumps(payload)

    def loads(self, data: bytes) -> Any:
        return orjson.loads(data)


def sign(payload: list[Any], binding: str) -> str:
    """Return text for next_cursor. ``payload`` is JSON; ``binding`` names the query (tenant, path, filters) it
    continues.
    """
    return _signer(binding).sign_object(payload, serializer=CursorSerializer)


def unsign(cursor: str, binding: str) -> list[Any]:
    """Return the payload. Raises InvalidInput on "cursor" for one that is damaged, forged, or of another query."""
    try:
        payload: list[Any] = _signer(binding).unsign_object(cursor[:MAX_LENGTH], serializer=CursorSerializer)
    except signing.BadSignature as error:
        raise InvalidInput.on(
            "cursor", "does not belong to this query; pass next_cursor back unchanged, with the same parameters."
        ) from error
    return payload


def _signer(binding: str) -> signing.Signer:
    # A point needs no percent-encoding in a query, as Django's colon would.
    return signing.Signer(sep=".", salt=f"wearlink cursor\0{binding}")
