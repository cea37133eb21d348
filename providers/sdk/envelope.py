"""The envelope of a sync: the only part that can fail a whole call. Judged in full, with every fault named."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from providers.sdk.wire import RawData
from wearlink.lib.clock import parse_rfc3339
from wearlink.lib.errors import FieldError, InvalidInput, TooLarge

MAX_ITEMS: Final = 10_000
COLLECTIONS: Final = ("records", "sleep", "workouts")
_MAX_VERSION_LENGTH: Final = 64


class _Envelope(msgspec.Struct, rename="camel"):
    provider: str
    sdk_version: str
    sync_timestamp: str
    data: RawData | None = None


class Envelope(msgspec.Struct, frozen=True):
    """A sound envelope: the provider's slug and how many items there are."""

    provider: str
    items: int


_DECODER: Final = msgspec.json.Decoder(_Envelope)
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT: Final = msgspec.json.Decoder(str)
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])


def check(body: bytes, accepted: tuple[str, ...]) -> Envelope:
    """Read the envelope of a body that comes from one of the accepted providers.

    Raises InvalidInput for a body that is no such envelope, with a FieldError for each field at fault, and TooLarge
    for more than MAX_ITEMS items. Items are counted, not read.
    """
    _check_text(body)
    try:
        envelope = _DECODER.decode(body)
        parse_rfc3339(envelope.sync_timestamp)
    except (msgspec.DecodeError, RecursionError, InvalidInput) as error:
        raise _refusal(body, accepted) or InvalidInput(str(error)) from error
    slug = envelope.provider.strip().lower()
    if slug not in accepted or not _is_version(envelope.sdk_version):
        raise _refusal(body, accepted) or InvalidInput("The envelope is not valid.")
    data = envelope.data or RawData()
    items = sum(len(collection or ()) for collection in (data.records, data.sleep, data.workouts))
    if items > MAX_ITEMS:
        raise TooLarge(f"data holds {items} items; a call may carry {MAX_ITEMS}. Send the rest in further calls.")
    return Envelope(slug, items)


def _check_text(body: bytes) -> None:
    if not body.strip():
        raise InvalidInput("The body is empty. A sync is a JSON object.", code="empty_body")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The body is not UTF-8: see byte {error.start}.", code="malformed_json") from error


def _refusal(body: bytes, accepted: tuple[str, ...]) -> InvalidInput | None:
    """Return what is wrong, field by field."""
    try:
        fields = _FIELDS.decode(body)
    except msgspec.ValidationError:
        return InvalidInput("The body must be a JSON object.", code="malformed_json")
    except RecursionError:
        return InvalidInput("The body is nested too deeply.", code="malformed_json")
    except msgspec.DecodeError as error:
        return InvalidInput(f"The body is not valid JSON: {error}.", code="malformed_json")
    faults = tuple(_faults(fields, accepted))
    if not faults:
        return None
    detail = f"{faults[0].field}: {faults[0].message}"
    return InvalidInput(detail, errors=faults)


def _faults(fields: dict[str, msgspec.Raw], accepted: tuple[str, ...]) -> Iterator[FieldError]:
    for name in ("provider", "sdkVersion", "syncTimestamp"):
        if name not in fields or bytes(fields[name]) == b"null":
            yield FieldError(name, "This field is required.")
            continue
        text = _read(_TEXT, fields[name])
        if text is None:
            yield FieldError(name, "Must be a string.")
        elif message := _text_fault(name, text, accepted):
            yield FieldError(name, message)
    yield from _data_faults(fields.get("data", msgspec.Raw(b"null")))


def _text_fault(name: str, text: str, accepted: tuple[str, ...]) -> str | None:
    if name == "provider":
        return None if text.strip().lower() in accepted else f"Unknown provider. Accepted: {', '.join(accepted)}."
    if name == "sdkVersion":
        return None if _is_version(text) else f"Must have 1 to {_MAX_VERSION_LENGTH} characters."
    try:
        parse_rfc3339(text)
    except InvalidInput:
        return "Must be an RFC 3339 date and time such as 2026-04-23T08:00:00Z."
    return None


def _data_faults(data: msgspec.Raw) -> Iterator[FieldError]:
    if bytes(data) == b"null":
        return
    collections = _read(_FIELDS, data)
    if collections is None:
        yield FieldError("data", "Must be an object.")
        return
    for name in COLLECTIONS:
        content = collections.get(name, msgspec.Raw(b"null"))
        if bytes(content) != b"null" and _read(_LIST, content) is None:
            yield FieldError(f"data.{name}", "Must be an array.")


def _read(decoder: "msgspec.json.Decoder[Any]", content: msgspec.Raw) -> Any:
    try:
        return decoder.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return None


def _is_version(text: str) -> bool:
    return 0 < len(text.strip()) <= _MAX_VERSION_LENGTH
