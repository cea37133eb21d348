"""The maker of a record: the device that HealthKit prints into the record, else the name of its source.

``<<HKDevice: 0x3>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,3, software:10.3.1>``:
values hold commas themselves, and the address in front changes from export to export.
"""

import re
from typing import Final

from healthdata.records import MANUAL, SourceInfo
from providers.adapters.apple.export.parser import Attributes
from providers.adapters.apple.normalise import DIALECT
from providers.sdk.writers import known_app, writer_app

_MAX_LENGTH: Final = 200
_REMEMBER: Final = 10_000
_MAX_KEY_LENGTH: Final = 1_000  # characters of what is remembered
_KEYS: Final = "name|manufacturer|model|hardware|firmware|software|localIdentifier|FDA|creation date"
_FIELD: Final = re.compile(rf", ({_KEYS}):")
_YES: Final = frozenset({"1", "true", "yes"})


class ExportSources(dict[tuple[str | None, ...], SourceInfo]):
    """(sourceName, device, sourceVersion, HKWasUserEntered) → SourceInfo; equal ones are one object."""

    def __init__(self) -> None:
        super().__init__()
        self._same: dict[SourceInfo, SourceInfo] = {}

    def __missing__(self, key: tuple[str | None, ...]) -> SourceInfo:
        if len(self) >= _REMEMBER:
            self.clear()
            self._same.clear()
        name, device, version, entered = key
        parsed = source_of(name, device, version, manual=(entered or "").lower() in _YES)
        source = self._same.setdefault(parsed, parsed)
        if sum(len(part or "") for part in key) <= _MAX_KEY_LENGTH:
            self[key] = source
        return source

    def of(self, item: Attributes, *, entered: str | None) -> SourceInfo:
        """Return the source of an element."""
        return self[item.get("sourceName"), item.get("device"), item.get("sourceVersion"), entered]


def source_of(name: str | None, device: str | None, version: str | None = None, *, manual: bool = False) -> SourceInfo:
    """Return the source of a record. `name` is that of the device where the system wrote, else of the app."""
    fields = device_fields(device or "")
    model = _text(fields.get("hardware")) or _text(fields.get("model"))
    called = _text(fields.get("name"))
    shown = _text(name)
    device_type = DIALECT.device_type(model or called or "")
    app = known_app(shown)
    if app is None and shown and device_type and _is_app(version, fields.get("software")):
        app = writer_app(shown)
    if app is not None and device_type in (None, "phone") and not (model and device_type is None):
        model, called, device_type = None, app.name, app.device_type
    if manual:
        model, called, device_type = None, None, MANUAL
    elif not model and not called:
        called = shown
    return SourceInfo(
        provider=DIALECT.provider,
        model=model,
        name=called or model,
        device_type=device_type,
        manufacturer=(_text(fields.get("manufacturer")) or "")[:100] or None,
        app=shown,
        writer=None if app is None else app.key,
    )


def _is_app(version: str | None, software: str | None) -> bool:
    """Return whether the system wrote it: then it has the version of the device's software."""
    return bool(version and software) and (version or "").strip() != (software or "").strip()


def device_fields(device: str) -> dict[str, str]:
    """Return the printed fields of an HKDevice; empty for anything else."""
    if not device.startswith("<<HKDevice"):
        return {}
    parts = _FIELD.split(device.removesuffix(">"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _text(value: str | None) -> str | None:
    return (value or "").replace("\x00", "").strip()[:_MAX_LENGTH] or None
