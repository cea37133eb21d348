"""JSON in, by orjson: strict, bounded, and with the position of a fault."""

from collections.abc import Mapping
from typing import IO, Any, Protocol

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser

from wearlink.lib.errors import InvalidInput, TooLarge


class SupportsRead(Protocol):
    """A request, or a stream of one."""

    def read(self, size: int, /) -> bytes: ...


def loads(data: bytes) -> Any:
    """Return the value of a JSON text; nothing at all reads as an empty object. Raises InvalidInput with line and
    column.

    NaN, infinities, lone surrogates and text that is not UTF-8 are refused, as RFC 8259 has it.
    """
    if not data.strip():
        return {}
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno} (position {error.pos})"
        raise InvalidInput(f"The body is not valid JSON: {error.msg} at {place}.", code="malformed_json") from error
    if b"\\u0000" in data:
        refuse_nul(value)
    return value


def refuse_nul(value: Any, path: str = "") -> None:
    """Raise InvalidInput naming the field if a text of a JSON value holds NUL, which the database cannot keep."""
    if isinstance(value, str) and "\0" in value:
        raise InvalidInput.on(path, "holds the character NUL.")
    if isinstance(value, dict):
        for name, inner in value.items():
            refuse_nul(name, path)
            refuse_nul(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            refuse_nul(inner, f"{path}.{index}" if path else str(index))


def read_body(stream: SupportsRead, limit: int) -> bytes:
    """Return the whole body. Raises TooLarge for more bytes than allowed."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(f"The body is larger than the {limit} bytes accepted.")
    return data


class RawParser(BaseParser):
    """Any bytes; the view reads them itself, since a signature is over what was sent."""

    media_type = "*/*"


class JSONParser(BaseParser):
    """application/json up to settings.DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raise InvalidInput for what is not JSON, TooLarge for more bytes than allowed."""
        return loads(read_body(stream, settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
