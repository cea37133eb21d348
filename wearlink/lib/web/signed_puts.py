"""Links by which somebody without credentials of ours puts one object: the bucket's own, or ours where objects lie in
a directory.

Ours are tokens that name the object and its size. What comes by them is written beside the objects and becomes one by
a rename, so that nobody ever sees a part of it.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings

from wearlink.lib import clock, storage
from wearlink.lib.errors import Conflict, InvalidInput, TooLarge
from wearlink.lib.security import tokens
from wearlink.lib.security.tokens import Purpose
from wearlink.lib.storage import StoreUnavailable
from wearlink.lib.web.body_watch import BodyWatch, NoRoom

PREFIX: Final = "/api/v1/uploads/"
TAKEN: Final = "wearlink.taken"  # in a WSGI environment: what became of the body, a TakenBody or the error
RESERVE: Final = 64 * 1024 * 1024  # bytes that stay free on the disk
STALE: Final = timedelta(days=1)
_INCOMING: Final = ".incoming"  # no object's key begins with a dot


@dataclass(frozen=True, slots=True)
class SignedPut:
    """A link for a PUT, with its end and the headers without which it is refused."""

    url: str
    headers: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Admission:
    """The object that a link of ours allows: of `size` bytes if that was given, else of at most `most`."""

    key: str
    size: int | None
    most: int


@dataclass(frozen=True, slots=True)
class TakenBody:
    """A body that lies on the disk, not yet an object; who holds `file` is the only one to write it."""

    key: str
    part: Path
    file: IO[bytes]


def sign(key: str, *, seconds: int, size: int | None, most: int) -> SignedPut:
    """Return a link for one object. A bucket's link without a size takes any: who looks at the object judges it."""
    expires_at = clock.now() + timedelta(seconds=seconds)
    bucket = storage.public_bucket()
    if bucket is not None:
        url = bucket.signed_put(key, seconds, size)
    else:
        exactly = {} if size is None else {"size": size}
        url = f"{settings.BASE_URL}{PREFIX}{tokens.issue(Purpose.UPLOAD, key, lifetime=seconds, most=most, **exactly)}"
    return SignedPut(url, {} if size is None else {"Content-Length": str(size)}, expires_at)


def admit(token: str, length: str) -> Admission:
    """Judge a link of ours and the Content-Length (empty: none) that came with it.

    Raises InvalidToken, TooLarge, InvalidInput.
    """
    claims = tokens.read(token, Purpose.UPLOAD)
    admission = Admission(claims.subject, claims.more.get("size"), int(claims.more["most"]))
    if length:
        if not (length.isascii() and length.isdigit()):
            raise InvalidInput("Content-Length is not a number.")
        _check_size(int(length), admission)
    return admission


def take_in(source: Any, admission: Admission, length: str, watch: BodyWatch, address: str = "") -> TakenBody:
    """Write a body to the disk, synced. One body of a link at a time.

    Raises StoreUnavailable where there is no room, Conflict, TooLarge, InvalidInput.
    """
    expected = int(length) if length else 0
    try:
        body = _begin(admission.key, expected)
    except OSError as error:
        raise _no_room(error) from error
    try:
        size = watch.spool(source, body.file, expected or admission.most + 1, address)
        if size < expected:
            raise InvalidInput("The body is shorter than Content-Length says.")
        _check_size(size, admission)
        body.file.flush()
        os.fsync(body.file.fileno())
    except BaseException as error:
        discard(body)
        if isinstance(error, OSError | NoRoom):
            raise _no_room(error) from error
        raise
    return body


def _begin(key: str, expected: int) -> TakenBody:
    """Return an empty file for an object to come, locked as long as its process lives."""
    directory = storage.directory().root / _INCOMING
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(directory).free < expected + RESERVE:
        raise StoreUnavailable("There is no room for the file at the moment.")
    part = directory / hashlib.sha256(key.encode()).hexdigest()
    file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not part.exists() or not os.path.samestat(part.stat(), os.fstat(file.fileno())):
            raise BlockingIOError  # it became the object while we waited for the lock
    except BlockingIOError as error:
        file.close()
        raise Conflict("A file is being sent by this link already.", code="upload_running") from error
    file.truncate()
    return TakenBody(key, part, file)


def taken(environ: Mapping[str, Any], source: Any, token: str) -> TakenBody:
    """Return the body of a request: as the web server's wrapper took it in, else taken in now. Raises as
    the two above.
    """
    found = environ.get(TAKEN)
    if isinstance(found, Exception):
        raise found
    if isinstance(found, TakenBody):
        return found
    length = str(environ.get("CONTENT_LENGTH") or "")
    return take_in(source, admit(token, length), length, BodyWatch())


def discard(body: TakenBody) -> None:
    """Delete what did not become an object, and let others in."""
    with suppress(OSError):
        if not body.file.closed and os.path.samestat(body.part.stat(), os.fstat(body.file.fileno())):
            body.part.unlink()
    with suppress(OSError):
        body.file.close()


def remove_stale() -> None:
    """Delete parts that nobody writes any more: their process died."""
    before = (clock.now() - STALE).timestamp()
    for part in (storage.directory().root / _INCOMING).glob("*"):
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < before:
                part.unlink()


def _check_size(size: int, admission: Admission) -> None:
    if size > admission.most:
        raise TooLarge(f"The file is larger than the {admission.most} bytes accepted.")
    if admission.size is not None and size != admission.size:
        raise InvalidInput(f"The file has {size} bytes; the link is for {admission.size}.", code="size_mismatch")
    if size == 0:
        raise InvalidInput("The file is empty.", code="empty_file")


def _no_room(error: BaseException) -> StoreUnavailable:
    reason = getattr(error, "strerror", None) or "no room"
    return StoreUnavailable(f"The object store cannot take this ({reason}).")
