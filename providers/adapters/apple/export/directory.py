"""A check of the number of entries that an archive claims, before anything reads its directory into memory.

Format: PKWARE's APPNOTE.TXT, sections 4.3.12 to 4.3.16.
"""

import io
import struct
from typing import IO, Final

from providers.contract import RefusedFile

MAX_ENTRIES: Final = 10_000
MAX_DIRECTORY: Final = 4 * 1024 * 1024

_ENTRY: Final = b"PK\x01\x02"
_END: Final = struct.Struct("<4s4H2LH")
_END_MARK: Final = b"PK\x05\x06"
_LOCATOR: Final = struct.Struct("<4sLQL")
_LOCATOR_MARK: Final = b"PK\x06\x07"
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_END64_MARK: Final = b"PK\x06\x06"
_MAX_COMMENT: Final = 0x10000


def check_directory(file: IO[bytes]) -> int:
    """Return the archive's size in bytes. Raises RefusedFile for one without a directory, or with too much in it."""
    size = file.seek(0, io.SEEK_END)
    place, length = _directory(file, size)
    if length > MAX_DIRECTORY or length > place:
        raise _too_many()
    file.seek(place - length)
    if file.read(length).count(_ENTRY) > MAX_ENTRIES:
        raise _too_many()
    return size


def _directory(file: IO[bytes], size: int) -> tuple[int, int]:
    """Return where the directory ends and how long it says it is."""
    start = max(size - _MAX_COMMENT - _END.size, 0)
    file.seek(start)
    tail = file.read()
    plain = len(tail) - _END.size
    mark = plain if tail[plain:].startswith(_END_MARK) and tail.endswith(b"\0\0") else tail.rfind(_END_MARK)
    if mark < 0 or len(tail) - mark < _END.size:
        raise _damaged()
    length = _END.unpack_from(tail, mark)[5]
    return _directory64(file, start + mark) or (start + mark, length)


def _directory64(file: IO[bytes], end: int) -> tuple[int, int] | None:
    """Return the same for archives over 4 GB, which have a second end record before the first; None if
    there is none.
    """
    place = end - _LOCATOR.size - _END64.size
    if place < 0:
        return None
    file.seek(place)
    records = file.read(_END64.size + _LOCATOR.size)
    mark, _, stated, _ = _LOCATOR.unpack_from(records, _END64.size)
    if mark != _LOCATOR_MARK:
        return None
    if stated != place or not records.startswith(_END64_MARK):  # two readers could find two directories
        raise _damaged()
    return place, _END64.unpack_from(records)[8]


def _damaged() -> RefusedFile:
    return RefusedFile("damaged_archive", "The archive has no directory: it is cut off or no ZIP file.")


def _too_many() -> RefusedFile:
    return RefusedFile("too_many_entries", f"The archive has more than {MAX_ENTRIES} entries.")
