"""The interface of both stores, and their errors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, BinaryIO, Final, Protocol

from wearlink.lib.errors import Conflict, NotFound, Unavailable

KEY: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*", re.ASCII)


class StoreUnavailable(Unavailable):
    """The object store does not answer or has no room; nothing was left half-written."""

    default_code = "object_store_unavailable"


class ObjectMissing(NotFound):
    """A key under which no object is stored."""

    default_code = "object_missing"


class ObjectChanged(Conflict):
    """The object is no longer the one that was looked at."""

    default_code = "object_changed"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object that is there: how many bytes it has, and a word that changes whenever it is written."""

    size: int
    version: str


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object as a listing tells of it."""

    key: str
    modified: datetime


class StorageBackend(Protocol):
    """The interface of both stores; all methods raise StoreUnavailable, reading raises ObjectMissing as well."""

    def put(self, key: str, data: bytes) -> None: ...
    def put_file(self, key: str, file: IO[bytes]) -> None: ...
    def get(self, key: str) -> bytes: ...
    def open(self, key: str, version: str) -> BinaryIO: ...
    def delete(self, key: str) -> None: ...
    def look_up(self, key: str) -> StoredObject | None: ...
    def walk(self, folder: str) -> Iterator[ListedObject]: ...
    def discard_unfinished(self, before: datetime) -> None: ...
    def check(self) -> None: ...
