"""Apps that write into a phone's health store: one name for each, however it is called.

A sync names the writer by its bundle or package id, an export by the name it shows ("Connect"). apps.csv lists the
ids and names of well-known apps, so that samples of one app are of one source by either way, and says which device
such an app reads (none: it counts with the phone, or with whatever it finds). Other apps keep their own id or name.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from healthdata.records import normal_name


class WriterApp(msgspec.Struct, frozen=True):
    """`key` is the app's part of a source's identity."""

    key: str
    name: str
    device_type: str | None = None


def _rows() -> Iterator[tuple[str, WriterApp]]:
    with (Path(__file__).parent / "apps.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            app = WriterApp(normal_name(row["name"]), row["name"], row["device_type"] or None)
            for alias in (*row["ids"].split(), *row["names"].split(";"), row["name"]):
                yield normal_name(alias), app


_APPS: Final = MappingProxyType(dict(_rows()))


def known_app(name: str | None) -> WriterApp | None:
    """Return the well-known app of an id or a shown name."""
    return _APPS.get(normal_name(name or ""))


def writer_app(name: str) -> WriterApp:
    """Return the app of an id or a shown name; one that nobody knows is called as it calls itself."""
    return known_app(name) or WriterApp(normal_name(name), name)
