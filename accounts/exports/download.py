"""Sending an archive: from any byte on, part after part, without a request's slot or a database connection held."""

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final

from accounts.exports import links
from accounts.exports.archive import Pace
from accounts.exports.models import DataExport
from wearlink.lib import storage
from wearlink.lib.errors import WearLinkError
from wearlink.lib.postgres import release_connection

BLOCK: Final = 1024 * 1024
_FROM: Final = re.compile(r"bytes=(\d{1,15})-", re.ASCII)


class RangeNotSatisfiable(WearLinkError):
    """The archive ends before the byte that was asked for."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    default_code = "range_not_satisfiable"


def start_of(header: str, size: int) -> int:
    """Return the first byte that a Range header asks for; 0 for none, and for any but `bytes=N-`, which HTTP allows to
    ignore.

    Raises RangeNotSatisfiable.
    """
    match = _FROM.fullmatch(header.strip())
    start = int(match[1]) if match else 0
    if match and start >= size:
        raise RangeNotSatisfiable(f"The archive has {size} bytes.")
    return start


def stream(export: DataExport, start: int) -> Iterator[bytes]:
    """Yield the bytes from `start` on. However it ends, the row says whether all were sent, and from when on it may go
    on.
    """
    keep = Pace(20.0, lambda: _brief(lambda: links.still_sending(export)))
    whole = False
    release_connection()
    try:
        for block in _blocks(export, start):
            yield block
            keep()
        whole = True
    finally:
        _brief(lambda: links.ended(export, whole=whole))


def _blocks(export: DataExport, start: int) -> Iterator[bytes]:
    at = 0
    for name, size in export.parts:
        if start < at + size:
            with storage.open(export.part_key(name)) as file:
                file.seek(max(start - at, 0))
                while block := file.read(BLOCK):
                    yield block
        at += size


def _brief(do: Callable[[], object]) -> None:
    """Use the database and give the connection back: a slow client must not keep one."""
    try:
        do()
    finally:
        release_connection()
