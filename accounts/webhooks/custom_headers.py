"""Headers that a customer wants in every call to an endpoint; what looks like a secret is shown masked."""

import re
from collections.abc import Mapping
from typing import Final

import orjson

from accounts.webhooks.models import Endpoint
from wearlink.lib.errors import FieldError, InvalidInput

MAX_HEADERS: Final = 20
MAX_LENGTH: Final = 1_024
MASK: Final = "••••"
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")  # RFC 9110, token
_VALUE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_SECRET: Final = re.compile(r"auth|token|secret|key|password|cookie|credential", re.IGNORECASE)
_OURS: Final = frozenset({
    "host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding", "te", "trailer",
    "upgrade", "expect", "keep-alive", "accept-encoding", "user-agent", "proxy-authorization", "proxy-connection",
})  # fmt: skip


def read(endpoint: Endpoint) -> dict[str, str]:
    """Return the headers in plain text, for a call. Raises Undecipherable."""
    found: dict[str, str] = orjson.loads(endpoint.headers) if endpoint.headers else {}
    return found


def write(endpoint: Endpoint, headers: Mapping[str, str]) -> None:
    """Replace all headers; a value that is sent back masked stays as it was. Raises InvalidInput."""
    known = read(endpoint)
    kept = {
        name: known[name] if name in known and value == mask(name, known[name]) else value
        for name, value in headers.items()
    }
    check(kept)
    endpoint.headers = orjson.dumps(kept).decode() if kept else ""


def masked(endpoint: Endpoint) -> dict[str, str]:
    return {name: mask(name, value) for name, value in read(endpoint).items()}


def mask(name: str, value: str) -> str:
    """Return the value, or its last four characters if the name says that it is a secret."""
    if not _SECRET.search(name):
        return value
    return MASK + (value[-4:] if len(value) >= 12 else "")


def check(headers: Mapping[str, str]) -> None:
    """Raise InvalidInput naming each header that may not be set."""
    faults = []
    for name, value in headers.items():
        if fault := _fault(name, value):
            faults.append(FieldError(f"headers.{name[:64]}", fault))
    if len({name.lower() for name in headers}) < len(headers):
        faults.append(FieldError("headers", "names a header twice."))
    if len(headers) > MAX_HEADERS:
        faults.append(FieldError("headers", f"has more than {MAX_HEADERS} headers."))
    if faults:
        raise InvalidInput(f"{faults[0].field}: {faults[0].message}", errors=faults)


def _fault(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        return "is no name of a header."
    if name.lower() in _OURS or name.lower().startswith(("webhook-", "svix-")):
        return "is set by WearLink."
    if len(value) > MAX_LENGTH or not _VALUE.fullmatch(value):
        return f"must be 1 to {MAX_LENGTH} printable ASCII characters without space at its ends."
    return ""
