"""The object store as an S3 bucket; the only module that knows boto3."""

import io
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache, cached_property
from typing import IO, Any, BinaryIO, Final, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, IncompleteReadError
from django.conf import settings
from storages.backends.s3 import S3Storage

from wearlink.lib.errors import Conflict, NotFound, Unavailable
from wearlink.lib.storage.backend import ListedObject, ObjectChanged, ObjectMissing, StoredObject, StoreUnavailable
from wearlink.lib.storage.ranged import RangedFile

ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})
CHANGED: Final = frozenset({"412", "PreconditionFailed", "416", "InvalidRange"})
TRIES: Final = 3  # of bytes that break off
CONNECTIONS: Final = 64  # kept open by one process; further ones are closed after their call


class S3Bucket:
    """Objects in an S3 bucket, which puts whole objects or none by itself."""

    def __init__(self, storage: S3Storage) -> None:
        self.storage = storage
        self.name: str = storage.bucket_name

    @cached_property
    def client(self) -> Any:
        """The boto3 client, which all threads may use: one for each would take 10 MB each."""
        return self.storage.connection.meta.client

    def put(self, key: str, data: bytes) -> None:
        """Store an object by one PUT, with a checksum that the server verifies."""
        try:
            self.client.put_object(Bucket=self.name, Key=key, Body=data, **_encryption())
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def put_file(self, key: str, file: IO[bytes]) -> None:
        """Store a file by one PUT that reads as it sends; S3 takes up to 5 GB so."""
        try:
            self.client.put_object(Bucket=self.name, Key=key, Body=file, **_encryption())
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def get(self, key: str) -> bytes:
        """One GET, which is tried again when its bytes break off."""
        return _tried(lambda: self.body({"Key": key}).read())

    def open(self, key: str, version: str) -> BinaryIO:
        """Return ranges of the object, of one version only."""
        found = self.look_up(key)
        if found is None:
            raise ObjectMissing("There is no such object.")
        if version and found.version != version:
            raise ObjectChanged("The object was replaced.")

        def fetch(first: int, end: int) -> _Range:
            return _Range(self, {"Key": key, "IfMatch": f'"{found.version}"'}, first, end)

        return cast(BinaryIO, io.BufferedReader(RangedFile(found.size, fetch)))

    def body(self, what: Mapping[str, str]) -> Any:
        """Return what one GET brings, still to be read."""
        return self.client.get_object(Bucket=self.name, **what)["Body"]

    def delete(self, key: str) -> None:
        """S3 answers the same whether the object was there or not."""
        try:
            self.client.delete_object(Bucket=self.name, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def look_up(self, key: str) -> StoredObject | None:
        try:
            found = self.client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _code(error) in ABSENT:
                return None
            raise _unavailable(error) from error
        except BotoCoreError as error:
            raise _unavailable(error) from error
        return StoredObject(found["ContentLength"], found["ETag"].strip('"'))

    def walk(self, folder: str) -> Iterator[ListedObject]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=f"{folder}/")
        try:
            for page in pages:
                for one in page.get("Contents", ()):
                    yield ListedObject(one["Key"], one["LastModified"])
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def discard_unfinished(self, before: datetime) -> None:
        """S3 shows nothing that is not whole."""

    def signed_put(self, key: str, seconds: int, size: int | None) -> str:
        """Return a URL by which anybody can put this object, of exactly this size where one is given, for some time."""
        what = {"Bucket": self.name, "Key": key, **({} if size is None else {"ContentLength": size})}
        url: str = self.client.generate_presigned_url("put_object", Params=what, ExpiresIn=seconds)
        return url

    def check(self) -> None:
        """Check that the bucket exists and our credentials open it."""
        try:
            self.client.head_bucket(Bucket=self.name)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error


class _Range:
    """The bytes [first, end) of an object by one GET, and by another from where they break off."""

    def __init__(self, bucket: S3Bucket, what: Mapping[str, str], first: int, end: int) -> None:
        self._bucket = bucket
        self._what = what
        self._first = first
        self._end = end
        self._body: Any = None

    def read(self, size: int) -> bytes:
        """Return the next bytes, some of those that are left. Raises ObjectChanged, StoreUnavailable."""
        found = _tried(lambda: self._read(min(size, self._end - self._first)), self.close)
        self._first += len(found)
        if self._first == self._end:
            self._body.read()  # nothing but the end, which gives the connection back for the next call
        return found

    def _read(self, size: int) -> bytes:
        if self._body is None:
            self._body = self._bucket.body({**self._what, "Range": f"bytes={self._first}-{self._end - 1}"})
        found: bytes = self._body.read(size)
        if size and not found:
            raise IncompleteReadError(actual_bytes=0, expected_bytes=size)
        return found

    def close(self) -> None:
        """Give up the connection if anything is left on it."""
        if self._body is not None:
            self._body.close()
            self._body = None


def _tried(read: Callable[[], bytes], give_up: Callable[[], None] | None = None) -> bytes:
    """Return what `read` brings, which is called again when its bytes break off, each time after `give_up`."""
    left = TRIES
    while True:
        left -= 1
        try:
            return read()
        except ClientError as error:
            raise _read_failure(error) from error
        except BotoCoreError as error:
            if give_up is not None:
                give_up()
            if not left:
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


def _encryption() -> dict[str, str]:
    """Return how the store is asked to encrypt what we put. Links for uploads ask for nothing, as senders would have to
    say the same; there the bucket's own rule holds.
    """
    if not settings.S3_ENCRYPTION:
        return {}
    asked = {"ServerSideEncryption": settings.S3_ENCRYPTION}
    return asked | ({"SSEKMSKeyId": settings.S3_KMS_KEY_ID} if settings.S3_KMS_KEY_ID else {})


def bucket_at(endpoint: str) -> S3Bucket:
    """Return the bucket of the settings, spoken to at that address."""
    return _bucket(settings.S3_BUCKET, endpoint, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY)


@cache
def _bucket(name: str, endpoint: str, access_key: str, secret_key: str) -> S3Bucket:
    """Return a client that signs with version 4 and path addressing, else boto3 signs links of us-east-1 in the old
    way.
    """
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",  # else a signed PUT would ask its sender for one
        connect_timeout=3,
        read_timeout=30,
        max_pool_connections=CONNECTIONS,
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
    return S3Bucket(storage)


os.register_at_fork(after_in_child=_bucket.cache_clear)  # a copy must not speak over its parent's connections
