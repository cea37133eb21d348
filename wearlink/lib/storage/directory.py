"""The object store as a directory."""

import io
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO, Final

from wearlink.lib.storage.backend import (
    KEY,
    ListedObject,
    ObjectChanged,
    ObjectMissing,
    StoredObject,
    StoreUnavailable,
)

MIN_FREE_BYTES: Final = 16 * 1024 * 1024  # bytes; a call may bring ten million
UNFINISHED: Final = ".new-"  # how names of files begin that are not whole yet


class Directory:
    """Files below ``root``, readable by our own user only."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes) -> None:
        """Through a temporary file beside the place, synced and renamed, and the directory synced."""
        self.put_file(key, io.BytesIO(data))

    def put_file(self, key: str, file: IO[bytes]) -> None:
        """Store a file in pieces of a megabyte, else as put does."""
        place = self.root / key
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(place, file)
        except OSError as error:
            raise StoreUnavailable(f"The object store cannot take this ({error.strerror}).") from error

    def _write(self, place: Path, source: IO[bytes]) -> None:
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=UNFINISHED)  # mode 0600
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
        with self.open(key, "") as file:
            return file.read()

    def open(self, key: str, version: str) -> BinaryIO:
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
        """Leave empty directories behind, which cost nothing and spare a race with writers."""
        try:
            (self.root / key).unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"The object store cannot delete this ({error.strerror}).") from error

    def look_up(self, key: str) -> StoredObject | None:
        """Look at the directory only."""
        try:
            found = (self.root / key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreUnavailable(f"The object store does not answer ({error.strerror}).") from error
        return StoredObject(found.st_size, _version_of(found))

    def walk(self, folder: str) -> Iterator[ListedObject]:
        """Yield files that are objects; one that goes meanwhile is left out."""
        for path in (self.root / folder).rglob("*"):
            key = path.relative_to(self.root).as_posix()
            if KEY.fullmatch(key):
                with suppress(FileNotFoundError):
                    found = path.stat()
                    if stat.S_ISREG(found.st_mode):
                        yield ListedObject(key, datetime.fromtimestamp(found.st_mtime, UTC))

    def discard_unfinished(self, before: datetime) -> None:
        """Temporary files beside the places they were for."""
        for path in self.root.rglob(f"{UNFINISHED}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def check(self) -> None:
        """Check that the directory can be made and written to."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreUnavailable(f"The object store has no directory ({error.strerror}).") from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise StoreUnavailable("The object store's directory cannot be written to.")
        disk = os.statvfs(self.root)
        if disk.f_bavail * disk.f_frsize < MIN_FREE_BYTES:
            raise StoreUnavailable("The object store's disk is full.")


def _version_of(found: os.stat_result) -> str:
    """Files are replaced, never written to: another one has another number or another time."""
    return f"{found.st_ino:x}-{found.st_mtime_ns:x}"


def _sync_directory(directory: Path) -> None:
    """Make the new name itself durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
