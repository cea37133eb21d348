"""The source object of a phone's item: device, app, or whatever of them there is."""

from typing import Any, Final

import msgspec

from healthdata.records import SourceInfo

_LONGEST: Final = 200
_NO_DEVICE: Final = frozenset({"", "unknown"})


class Sources:
    """SourceInfo by the raw bytes of the source object: one payload has thousands of items and a handful of sources."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._known: dict[bytes, SourceInfo] = {}
        self._same: dict[SourceInfo, SourceInfo] = {}

    def __getitem__(self, raw: bytes) -> SourceInfo:
        source = self._known.get(raw)
        if source is None:
            parsed = parse(raw, self._provider)
            source = self._known[raw] = self._same.setdefault(parsed, parsed)
        return source


def parse(raw: bytes, provider: str) -> SourceInfo:
    """Read a source object. What is missing or of the wrong type says nothing; a source can always be made."""
    fields = msgspec.json.decode(raw)
    if not isinstance(fields, dict):
        fields = {}
    model = _text(fields, "deviceModel") or _text(fields, "productType")
    device_type = (_text(fields, "deviceType") or "").lower()
    return SourceInfo(
        provider=provider,
        model=model,
        name=_text(fields, "deviceName") or _text(fields, "name") or model,
        device_type=None if device_type in _NO_DEVICE else device_type[:32],
        manufacturer=(_text(fields, "deviceManufacturer") or "")[:100] or None,
        app=_text(fields, "appId") or _text(fields, "bundleIdentifier"),
    )


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").strip()[:_LONGEST] or None
