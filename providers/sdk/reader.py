"""Reading items one by one: a bad one is refused with the field at fault, and costs no other its place."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec

from healthdata.records import Rejected
from providers.sdk.wire import NO_SOURCE

Item = TypeVar("Item")


class ItemReader(Generic[Item]):
    """Reads single items of one shape, and says which field of a bad one is to blame and for what.

    `needed`: field → reason reported when its content cannot be read. A needed field that is missing or null is
    `missing_field`. `strict`: the same for fields that may be missing or null, but not wrong. All others are taken
    as missing when they cannot be read.
    """

    def __init__(self, shape: type[Item], needed: Mapping[str, str], strict: Mapping[str, str] | None = None) -> None:
        self._decoder: msgspec.json.Decoder[Item] = msgspec.json.Decoder(shape)
        self._shape = shape
        self._needed = needed
        self._reasons = {**needed, **(strict or {})}

    def read(self, raw: msgspec.Raw, collection: str, index: int, prefix: str = "") -> Item | Rejected:
        """Return the item, or where and why it cannot be one. `prefix` goes before the field, as in `route[3].`."""
        try:
            return self._decoder.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            found = self._mend(raw)
        if isinstance(found, tuple):
            return Rejected(collection, index, f"{prefix}{found[0]}".rstrip("."), found[1])
        return found

    def _mend(self, raw: msgspec.Raw) -> Item | tuple[str, str]:
        try:
            contents = _decoder_of(dict[str, msgspec.Raw]).decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return "", "not_an_object"
        values: dict[str, Any] = {}
        for field in msgspec.structs.fields(self._shape):  # type: ignore[arg-type]
            content, name = contents.get(field.encode_name, NO_SOURCE), field.encode_name
            if bytes(content) == b"null":
                if name in self._needed:
                    return name, "missing_field"
                continue
            try:
                values[field.name] = _decoder_of(field.type).decode(content)
            except (msgspec.DecodeError, RecursionError):
                if name in self._reasons:
                    return name, self._reasons[name]
        return self._shape(**values)


@lru_cache(maxsize=64)
def _decoder_of(shape: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(shape)
