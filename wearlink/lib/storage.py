"""Objects too big for rows, by key: in a directory below DATA, or in a bucket when S3_BUCKET names one.

Keys are relative paths with ``/`` between parts. What is put is there whole or not at all. Nothing here is public.
"""

import io
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from wearlink.lib.errors import NotFound, Unavailable

KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*", re.ASCII)
ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})


class StoreUnavailable(Unavailable):
    """The object store does not answer or has no room; nothing was left half-written."""

    default_code = "object_store_unavailable"


class ObjectMissing(NotFound):
    """There is no such object."""

    default_code = "object_missing"


class Backend(Protocol):
    """What both stores can do; all raise StoreUnavailable, reading raises ObjectMissing as well."""

    def put(self, key: str, data: bytes) -> None: ...
    def put_file(self, key: str, file: IO[bytes]) -> None: ...
    def open(self, key: str) -> BinaryIO: ...
    def delete(self, key: str) -> None: ...
    def exists(self, key: str) -> bool: ...
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
    with open(key) as file:
        return file.read()


def open(key: str) -> BinaryIO:
    """The object as a file to read from. Raises ObjectMissing, StoreUnavailable."""
    return _backend().open(_checked(key))


def delete(key: str) -> None:
    """Removes the object; one that is not there is fine. Raises StoreUnavailable."""
    _backend().delete(_checked(key))


def exists(key: str) -> bool:
    """Whether there is such an object. Raises StoreUnavailable."""
    return _backend().exists(_checked(key))


def check() -> None:
    """Returns when the store can be written to; raises StoreUnavailable. Writes nothing."""
    _backend().check()


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"not an object key: {key!r}")
    return key


def _backend() -> Backend:
    if settings.S3_BUCKET:
        return _bucket(settings.S3_BUCKET, settings.S3_ENDPOINT_URL, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY)
    return Directory(Path(settings.OBJECTS_DIR))


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

    def open(self, key: str) -> BinaryIO:
        """A plain file."""
        try:
            return (self.root / key).open("rb")
        except FileNotFoundError as error:
            raise ObjectMissing("There is no such object.") from error
        except OSError as error:
            raise StoreUnavailable(f"The object store cannot read this ({error.strerror}).") from error

    def delete(self, key: str) -> None:
        """Leaves empty directories behind, which cost nothing and spare a race with writers."""
        try:
            (self.root / key).unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"The object store cannot delete this ({error.strerror}).") from error

    def exists(self, key: str) -> bool:
        """Looks at the directory only."""
        return (self.root / key).is_file()

    def check(self) -> None:
        """The directory can be made and written to."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreUnavailable(f"The object store has no directory ({error.strerror}).") from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise StoreUnavailable("The object store's directory cannot be written to.")


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

    def open(self, key: str) -> BinaryIO:
        """Spools big objects to disk while they are read."""
        try:
            body = self.client.get_object(Bucket=self.name, Key=key)["Body"]
            return _spooled(body)
        except ClientError as error:
            if _is_absent(error):
                raise ObjectMissing("There is no such object.") from error
            raise _unavailable(error) from error
        except BotoCoreError as error:
            raise _unavailable(error) from error

    def delete(self, key: str) -> None:
        """S3 answers the same whether the object was there or not."""
        try:
            self.client.delete_object(Bucket=self.name, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def exists(self, key: str) -> bool:
        """One HEAD."""
        try:
            self.client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _is_absent(error):
                return False
            raise _unavailable(error) from error
        except BotoCoreError as error:
            raise _unavailable(error) from error
        return True

    def check(self) -> None:
        """The bucket exists and our credentials open it."""
        try:
            self.client.head_bucket(Bucket=self.name)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error


def _spooled(body: Any) -> BinaryIO:
    """The whole body, in memory up to 8 MiB and on disk beyond, so that the connection is free again."""
    file = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 - the caller closes it
    for block in body.iter_chunks(256 * 1024):
        file.write(block)
    file.seek(0)
    return cast(BinaryIO, file)


def _is_absent(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code", "") in ABSENT


def _unavailable(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"The object store does not answer ({type(error).__name__}).")


@cache
def _bucket(name: str, endpoint: str, access_key: str, secret_key: str) -> Bucket:
    """Signed with version 4 and path addressing, else boto3 signs links of us-east-1 in the old way."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
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
