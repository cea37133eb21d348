"""Objects too big for rows, by key: in a directory below DATA, or in a bucket when S3_BUCKET names one.

Keys are relative paths with ``/`` between parts. What is put is there whole or not at all. Nothing here is public.
"""

import io
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Protocol, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from wearlink.lib.errors import Conflict, NotFound, Unavailable
from wearlink.lib.ranged import RangedFile

KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*", re.ASCII)
ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
CHANGED = frozenset({"412", "PreconditionFailed", "416", "InvalidRange"})
TRIES: Final = 3  # of one range whose bytes break off


class StoreUnavailable(Unavailable):
    """The object store does not answer or has no room; nothing was left half-written."""

    default_code = "object_store_unavailable"


class ObjectMissing(NotFound):
    """There is no such object."""

    default_code = "object_missing"


class ObjectChanged(Conflict):
    """The object is no longer the one that was looked at."""

    default_code = "object_changed"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object that is there: how many bytes it has, and a word that changes whenever it is written."""

    size: int
    version: str


class Backend(Protocol):
    """What both stores can do; all raise StoreUnavailable, reading raises ObjectMissing as well."""

    def put(self, key: str, data: bytes) -> None: ...
    def put_file(self, key: str, file: IO[bytes]) -> None: ...
    def get(self, key: str) -> bytes: ...
    def open(self, key: str, version: str) -> BinaryIO: ...
    def delete(self, key: str) -> None: ...
    def look_up(self, key: str) -> StoredObject | None: ...
    def check(self) -> None: ...


def put(key: str, data: bytes) -> None:
    """Keeps ``data`` durably under ``key``, replacing what was there. Raises StoreUnavailable."""
    _backend().put(_checked(key), data)


def put_file(key: str, file: IO[bytes]) -> None:
    """Keeps what ``file`` holds from its beginning, as `put` does, a piece at a time. Raises StoreUnavailable."""
    file.seek(0)
    _backend().put_file(_checked(key), file)


def get(key: str) -> bytes:
    """The whole object. Raises ObjectMissing, StoreUnavailable."""
    return _backend().get(_checked(key))


def open(key: str, version: str = "") -> BinaryIO:
    """The object as a file to read and seek in, of any size, without a copy of it; with `version`, as it was then.

    Raises ObjectMissing, ObjectChanged and StoreUnavailable, here or while it is read.
    """
    return _backend().open(_checked(key), version)


def delete(key: str) -> None:
    """Removes the object; one that is not there is fine. Raises StoreUnavailable."""
    _backend().delete(_checked(key))


def exists(key: str) -> bool:
    """Whether there is such an object. Raises StoreUnavailable."""
    return look_up(key) is not None


def look_up(key: str) -> StoredObject | None:
    """What the store says of the object; None if there is none. Raises StoreUnavailable."""
    return _backend().look_up(_checked(key))


def bucket() -> "Bucket | None":
    """The bucket that objects are kept in; None where it is a directory."""
    return _bucket_at(settings.S3_ENDPOINT_URL)


def public_bucket() -> "Bucket | None":
    """The same as others reach it, for signing URLs: the host is part of what is signed."""
    return _bucket_at(settings.S3_PUBLIC_ENDPOINT_URL or settings.S3_ENDPOINT_URL)


def directory() -> "Directory":
    """The directory that objects are kept in where there is no bucket."""
    return Directory(Path(settings.OBJECTS_DIR))


def check() -> None:
    """Returns when the store can be written to; raises StoreUnavailable. Writes nothing."""
    _backend().check()


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"not an object key: {key!r}")
    return key


def _backend() -> Backend:
    return bucket() or directory()


class Directory:
    """Files below ``root``, readable by our own user only."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes) -> None:
        """Through a temporary file beside the place, synced and renamed, and the directory synced."""
        self.put_file(key, io.BytesIO(data))

    def put_file(self, key: str, file: IO[bytes]) -> None:
        """As put, in pieces of a megabyte."""
        place = self.root / key
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(place, file)
        except OSError as error:
            raise StoreUnavailable(f"The object store cannot take this ({error.strerror}).") from error

    def _write(self, place: Path, source: IO[bytes]) -> None:
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(source, file, 1024 * 1024)
                file.flush()
                os.fsync(file.fileno())
            Path(name).rename(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_directory(place.parent)

    def adopt(self, key: str, part: Path) -> None:
        """Make a file below ``root``, whose bytes are synced, the object."""
        place = self.root / key
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.rename(place)
            _sync_directory(place.parent)
        except OSError as error:
            raise StoreUnavailable(f"The object store cannot take this ({error.strerror}).") from error

    def get(self, key: str) -> bytes:
        """The file's bytes."""
        with self.open(key, "") as file:
            return file.read()

    def open(self, key: str, version: str) -> BinaryIO:
        """A plain file."""
        try:
            file = (self.root / key).open("rb")
        except FileNotFoundError as error:
            raise ObjectMissing("There is no such object.") from error
        except OSError as error:
            raise StoreUnavailable(f"The object store cannot read this ({error.strerror}).") from error
        if version and _version_of(os.fstat(file.fileno())) != version:
            file.close()
            raise ObjectChanged("The object was replaced.")
        return file

    def delete(self, key: str) -> None:
        """Leaves empty directories behind, which cost nothing and spare a race with writers."""
        try:
            (self.root / key).unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"The object store cannot delete this ({error.strerror}).") from error

    def look_up(self, key: str) -> StoredObject | None:
        """Looks at the directory only."""
        try:
            found = (self.root / key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreUnavailable(f"The object store does not answer ({error.strerror}).") from error
        return StoredObject(found.st_size, _version_of(found))

    def check(self) -> None:
        """The directory can be made and written to."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreUnavailable(f"The object store has no directory ({error.strerror}).") from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise StoreUnavailable("The object store's directory cannot be written to.")


def _version_of(found: os.stat_result) -> str:
    """Files are replaced, never written to: another one has another number or another time."""
    return f"{found.st_ino:x}-{found.st_mtime_ns:x}"


def _sync_directory(directory: Path) -> None:
    """Makes the new name itself durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Bucket:
    """Objects in an S3 bucket, which puts whole objects or none by itself."""

    def __init__(self, storage: S3Storage) -> None:
        self.storage = storage
        self.name: str = storage.bucket_name

    @property
    def client(self) -> Any:
        """The boto3 client of the calling thread."""
        return self.storage.connection.meta.client

    def put(self, key: str, data: bytes) -> None:
        """One PUT, with a checksum that the server verifies."""
        try:
            self.client.put_object(Bucket=self.name, Key=key, Body=data)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def put_file(self, key: str, file: IO[bytes]) -> None:
        """One PUT that reads as it sends; S3 takes up to 5 GB so."""
        try:
            self.client.put_object(Bucket=self.name, Key=key, Body=file)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def get(self, key: str) -> bytes:
        """One GET."""
        return self._got({"Key": key})

    def open(self, key: str, version: str) -> BinaryIO:
        """Ranges of the object, of one version only."""
        found = self.look_up(key)
        if found is None:
            raise ObjectMissing("There is no such object.")
        if version and found.version != version:
            raise ObjectChanged("The object was replaced.")

        def fetch(first: int, end: int) -> bytes:
            return self._got({"Key": key, "Range": f"bytes={first}-{end - 1}", "IfMatch": f'"{found.version}"'})

        return cast(BinaryIO, io.BufferedReader(RangedFile(found.size, fetch)))

    def _got(self, what: Mapping[str, str]) -> bytes:
        """The bytes of one GET, which is tried again when they break off."""
        for left in reversed(range(TRIES)):
            try:
                body: bytes = self.client.get_object(Bucket=self.name, **what)["Body"].read()
            except ClientError as error:
                raise _read_failure(error) from error
            except BotoCoreError as error:
                if not left:
                    raise _unavailable(error) from error
            else:
                break
        return body

    def delete(self, key: str) -> None:
        """S3 answers the same whether the object was there or not."""
        try:
            self.client.delete_object(Bucket=self.name, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def look_up(self, key: str) -> StoredObject | None:
        """One HEAD."""
        try:
            found = self.client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _code(error) in ABSENT:
                return None
            raise _unavailable(error) from error
        except BotoCoreError as error:
            raise _unavailable(error) from error
        return StoredObject(found["ContentLength"], found["ETag"].strip('"'))

    def signed_put(self, key: str, seconds: int, size: int | None) -> str:
        """A URL by which anybody can put this object, of exactly this size where one is given, for some time."""
        what = {"Bucket": self.name, "Key": key, **({} if size is None else {"ContentLength": size})}
        url: str = self.client.generate_presigned_url("put_object", Params=what, ExpiresIn=seconds)
        return url

    def check(self) -> None:
        """The bucket exists and our credentials open it."""
        try:
            self.client.head_bucket(Bucket=self.name)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _read_failure(error: ClientError) -> NotFound | Conflict | Unavailable:
    if _code(error) in ABSENT:
        return ObjectMissing("There is no such object.")
    if _code(error) in CHANGED:
        return ObjectChanged("The object was replaced.")
    return _unavailable(error)


def _unavailable(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"The object store does not answer ({type(error).__name__}).")


def _bucket_at(endpoint: str) -> Bucket | None:
    if not settings.S3_BUCKET:
        return None
    return _bucket(settings.S3_BUCKET, endpoint, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY)


@cache
def _bucket(name: str, endpoint: str, access_key: str, secret_key: str) -> Bucket:
    """Signed with version 4 and path addressing, else boto3 signs links of us-east-1 in the old way."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",  # else a signed PUT would ask its sender for one
        connect_timeout=3,
        read_timeout=30,
        retries={"max_attempts": 2, "mode": "standard"},
    )
    storage = S3Storage(
        bucket_name=name,
        endpoint_url=endpoint or None,
        region_name=settings.S3_REGION,
        access_key=access_key or None,
        secret_key=secret_key or None,
        client_config=config,
        querystring_auth=True,
        default_acl=None,
        file_overwrite=True,
    )
    return Bucket(storage)


os.register_at_fork(after_in_child=_bucket.cache_clear)  # a copy must not speak over its parent's connections
