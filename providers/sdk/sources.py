"""The source object of a phone's item: device, app, or whatever of them there is."""

import re
from typing import Any, Final

import msgspec

from healthdata.records import MANUAL, SourceInfo
from providers.sdk.dialect import Dialect
from providers.sdk.writers import writer_app

_MAX_LENGTH: Final = 200
_NO_DEVICE: Final = frozenset({"", "unknown"})
ENTERED: Final = b"HKWasUserEntered"
#: metadata is an object, or a list of keys and values
_IS_ENTERED: Final = re.compile(rb'HKWasUserEntered"\s*(?::|,\s*"value"\s*:)\s*"?(?:1|true|yes)', re.IGNORECASE)


class SdkSources(dict[bytes, SourceInfo]):
    """SourceInfo by the raw bytes of the source object: one payload has thousands of items and a handful of sources."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._dialect = dialect
        self._entered: dict[bytes, SourceInfo] = {}
        self._same: dict[SourceInfo, SourceInfo] = {}

    def __missing__(self, raw: bytes) -> SourceInfo:
        source = self[raw] = self._one(parse(raw, self._dialect))
        return source

    def of(self, raw: bytes, metadata: bytes) -> SourceInfo:
        """Return the source of an item with metadata, which may say that somebody typed it in."""
        if ENTERED not in metadata or not _IS_ENTERED.search(metadata):
            return self[raw]
        source = self._entered.get(raw)
        if source is None:
            source = self._entered[raw] = self._one(parse(raw, self._dialect, manual=True))
        return source

    def _one(self, parsed: SourceInfo) -> SourceInfo:
        return self._same.setdefault(parsed, parsed)


def parse(raw: bytes, dialect: Dialect, *, manual: bool = False) -> SourceInfo:
    """Read a source object. What is missing or of the wrong type says nothing; a source can always be made."""
    fields = msgspec.json.decode(raw)
    if not isinstance(fields, dict):
        fields = {}
    model = _text(fields, "deviceModel") or _text(fields, "productType")
    name = _text(fields, "deviceName") or _text(fields, "name") or model
    app_id = _text(fields, "appId") or _text(fields, "bundleIdentifier")
    device_type = _device_type(fields, model, dialect)
    writer = None
    if app_id is not None and not dialect.is_system(app_id):
        app = writer_app(app_id)
        writer = app.key
        if dialect.model_is_host and device_type == "phone":  # the app's own figures, on whichever phone it runs
            model, name, device_type = None, app.name, app.device_type
    if manual or (_text(fields, "recordingMethod") or "").lower() == MANUAL:
        model, name, device_type = None, None, MANUAL
    return SourceInfo(
        provider=dialect.provider,
        model=model,
        name=name,
        device_type=device_type,
        manufacturer=(_text(fields, "deviceManufacturer") or "")[:100] or None,
        app=app_id,
        writer=writer,
    )


def _device_type(fields: dict[str, Any], model: str | None, dialect: Dialect) -> str | None:
    """Return the stated type; older clients do not state it, and then the model tells."""
    stated = (_text(fields, "deviceType") or "").lower()[:32]
    return (dialect.device_type(model) if model else None) if stated in _NO_DEVICE else stated


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").strip()[:_MAX_LENGTH] or None
