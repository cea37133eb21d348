"""Objects too big for rows, by key: in a directory below DATA, or in a bucket when S3_BUCKET names one.

Keys are relative paths with ``/`` between parts. What is put is there whole or not at all. Nothing here is public.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from django.conf import settings

from wearlink.lib.lazy import LazyModule
from wearlink.lib.storage.backend import (
    KEY,
    ListedObject,
    ObjectChanged,
    ObjectMissing,
    StorageBackend,
    StoredObject,
    StoreUnavailable,
)
from wearlink.lib.storage.directory import Directory

if TYPE_CHECKING:
    from wearlink.lib.storage import s3
else:
    s3 = LazyModule("wearlink.lib.storage.s3")  # 6 MB of boto3, for those who have a bucket

__all__ = [
    "Bucket",
    "Directory",
    "ListedObject",
    "ObjectChanged",
    "ObjectMissing",
    "StoreUnavailable",
    "StoredObject",
    "bucket",
    "check",
    "delete",
    "directory",
    "discard_unfinished",
    "exists",
    "get",
    "look_up",
    "open",
    "public_bucket",
    "put",
    "put_file",
    "walk",
]


def put(key: str, data: bytes) -> None:
    """Keep ``data`` durably under ``key``, replacing what was there. Raises StoreUnavailable."""
    _backend().put(_checked(key), data)


def put_file(key: str, file: IO[bytes]) -> None:
    """Keep what ``file`` holds from its beginning, as `put` does, a piece at a time. Raises StoreUnavailable."""
    file.seek(0)
    _backend().put_file(_checked(key), file)


def get(key: str) -> bytes:
    """Return the whole object. Raises ObjectMissing, StoreUnavailable."""
    return _backend().get(_checked(key))


def open(key: str, version: str = "") -> BinaryIO:
    """Return the object as a file to read and seek in, of any size, without a copy of it; with `version`, as it was
    then.

    Raises ObjectMissing, ObjectChanged and StoreUnavailable, here or while it is read.
    """
    return _backend().open(_checked(key), version)


def delete(key: str) -> None:
    """Remove the object; one that is not there is fine. Raises StoreUnavailable."""
    _backend().delete(_checked(key))


def exists(key: str) -> bool:
    """Return whether there is such an object. Raises StoreUnavailable."""
    return look_up(key) is not None


def look_up(key: str) -> StoredObject | None:
    """Return what the store says of the object; None if there is none. Raises StoreUnavailable."""
    return _backend().look_up(_checked(key))


def walk(folder: str) -> Iterator[ListedObject]:
    """Return every object below a folder, in no order, a page at a time. Raises StoreUnavailable, here or later."""
    return _backend().walk(_checked(folder))


def discard_unfinished(before: datetime) -> None:
    """Delete what writers that died left half-written before that moment. Raises StoreUnavailable."""
    _backend().discard_unfinished(before)


def bucket() -> "s3.S3Bucket | None":
    """Return the bucket that objects are kept in; None where it is a directory."""
    return s3.bucket_at(settings.S3_ENDPOINT_URL) if settings.S3_BUCKET else None


def public_bucket() -> "s3.S3Bucket | None":
    """Return the same as others reach it, for signing URLs: the host is part of what is signed."""
    return s3.bucket_at(settings.S3_PUBLIC_ENDPOINT_URL or settings.S3_ENDPOINT_URL) if settings.S3_BUCKET else None


def directory() -> Directory:
    """Return the directory that objects are kept in where there is no bucket."""
    return Directory(Path(settings.OBJECTS_DIR))


def check() -> None:
    """Check that the store can be written to; raises StoreUnavailable. Writes nothing."""
    _backend().check()


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"not an object key: {key!r}")
    return key


def _backend() -> StorageBackend:
    return bucket() or directory()
