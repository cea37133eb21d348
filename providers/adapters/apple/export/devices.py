"""Who made a record: the device that HealthKit prints into the record, else the name of its source.

``<<HKDevice: 0x3>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,3, software:10.3.1>``:
values hold commas themselves, and the address in front changes from export to export.
"""

import re
from typing import Final

from healthdata.records import SourceInfo

_LONGEST: Final = 200
_REMEMBER: Final = 10_000
_KEYS: Final = "name|manufacturer|model|hardware|firmware|software|localIdentifier|FDA|creation date"
_FIELD: Final = re.compile(rf", ({_KEYS}):")
_TYPES: Final = {
    "watch": "watch",
    "iphone": "phone",
    "ipod": "phone",
    "ipad": "tablet",
    "realitydevice": "head_mounted",
}


class Sources(dict[tuple[str | None, str | None], SourceInfo]):
    """(sourceName, device) → SourceInfo; equal ones are one object."""

    def __init__(self, provider: str) -> None:
        super().__init__()
        self._provider = provider
        self._same: dict[SourceInfo, SourceInfo] = {}

    def __missing__(self, key: tuple[str | None, str | None]) -> SourceInfo:
        if len(self) >= _REMEMBER:
            self.clear()
            self._same.clear()
        parsed = source_of(*key, provider=self._provider)
        source = self[key] = self._same.setdefault(parsed, parsed)
        return source


def source_of(name: str | None, device: str | None, *, provider: str) -> SourceInfo:
    """The source of a record. With a device, `name` is the app or device that wrote for it."""
    fields = device_fields(device or "")
    model = _text(fields.get("hardware")) or _text(fields.get("model"))
    called = _text(fields.get("name"))
    writer = _text(name)
    if not model and not called:
        return SourceInfo(provider=provider, name=writer, device_type=None, app=writer)
    return SourceInfo(
        provider=provider,
        model=model,
        name=called or model,
        device_type=device_type(model or called or ""),
        manufacturer=(_text(fields.get("manufacturer")) or "")[:100] or None,
        app=writer,
    )


def device_fields(device: str) -> dict[str, str]:
    """The printed fields of an HKDevice; empty for anything else."""
    if not device.startswith("<<HKDevice"):
        return {}
    parts = _FIELD.split(device.removesuffix(">"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def device_type(model: str) -> str | None:
    """watch for Watch6,3, phone for iPhone14,2, …; None for what is not Apple's."""
    family = re.match(r"[A-Za-z]*", model)
    return _TYPES.get(family[0].lower()) if family else None


def _text(value: str | None) -> str | None:
    return (value or "").replace("\x00", "").strip()[:_LONGEST] or None
