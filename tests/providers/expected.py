"""The form of records in the adapters' *.expected.json files: defaults left out, times as in the API."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from healthdata.records import Record, Rejected
from wearlink.lib.clock import rfc3339


def describe(found: Iterable[Record | Rejected]) -> list[dict[str, Any]]:
    """Return one object a record; the source by its key and app."""
    return [_one(item) for item in found]


def load(path: Path) -> list[dict[str, Any]]:
    """Return the content of an expected file."""
    content: list[dict[str, Any]] = json.loads(path.read_text())
    return content


def _one(item: Record | Rejected) -> dict[str, Any]:
    fields = {name: getattr(item, name) for name in item.__struct_fields__}
    defaults = {field.name: field.default for field in msgspec.structs.fields(item)}
    written: dict[str, Any] = {"record": type(item).__name__}
    for name, value in fields.items():
        if name == "source":
            written[name] = f"{value.key} ({value.device_type}) by {value.app}"
        elif name in ("start", "end"):
            written[name] = rfc3339(value)
        elif value not in ({}, []) and value != defaults[name]:
            written[name] = value.isoformat() if name == "day" else list(value) if isinstance(value, tuple) else value
    return written
