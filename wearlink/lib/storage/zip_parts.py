"""Writing ZIP archives in parts: going on after a crash needs the entries (`ZipEntry`) of the finished members.

zipfile writes one archive into one file and forgets it all when the process ends. Here a member is written to any file
that can seek, wherever it is in the archive, and the directory at the end is made of the entries. Sizes beyond
4 GiB are written as ZIP64 says (APPNOTE 6.3.10, 4.3 and 4.5.3), for members and places that need it.

    with MemberWriter(file, "samples.ndjson", at=0) as member:
        member.write(b"…")
    entry = member.entry
    file.write(directory([entry], at=entry.end))
"""

import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Final, Self

LEVEL: Final = 1
_STORED, _DEFLATED = 0, 8
_LOCAL: Final = struct.Struct("<IHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<IHHHHHHIIIHHHHHII")
_LARGE: Final = 0xFFFF_FFFF
_MANY: Final = 0xFFFF
_VERSION: Final = 45  # the first that knows ZIP64
_UNIX: Final = 3 << 8
_UTF8: Final = 0x0800
_DATE: Final = 1 << 5 | 1  # the first of January 1980: when a member was made is no part of it
_MODE: Final = 0o100600 << 16
_SIZES: Final = struct.Struct("<HHQQ")  # the ZIP64 field of a local header, always written, as sizes come last


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A finished member: `at` is the place of its header in the archive, sizes are in bytes, sha256 in hex."""

    name: str
    at: int
    size: int
    packed: int
    crc: int
    sha256: str
    is_deflated: bool = True

    @property
    def end(self) -> int:
        return self.at + _LOCAL.size + len(self.name.encode()) + _SIZES.size + self.packed


class MemberWriter:
    """Writes one member from the file's present place on, which is `at` in the archive; `entry` is there at the end.

    Nothing of it is held in memory. A member that is packed already (`deflate` False) is stored as it is.
    """

    entry: ZipEntry

    def __init__(self, file: IO[bytes], name: str, *, at: int, deflate: bool = True) -> None:
        self._file, self._name, self._at = file, name, at
        self._start = file.tell()
        self._deflater = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS) if deflate else None
        self._size = self._packed = self._crc = 0
        self._digest = hashlib.sha256()
        file.write(self._header())

    def write(self, data: bytes) -> None:
        """Raise OSError where the file has no room."""
        self._size += len(data)
        self._crc = zlib.crc32(data, self._crc)
        self._digest.update(data)
        self._put(self._deflater.compress(data) if self._deflater else data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put sizes and checksum into the header, unless writing has failed."""
        if kind is not None:
            return
        if self._deflater:
            self._put(self._deflater.flush())
        end = self._file.tell()
        self._file.seek(self._start)
        self._file.write(self._header())
        self._file.seek(end)
        self.entry = ZipEntry(
            self._name, self._at, self._size, self._packed, self._crc, self._digest.hexdigest(), bool(self._deflater)
        )

    def _put(self, data: bytes) -> None:
        self._packed += len(data)
        self._file.write(data)

    def _header(self) -> bytes:
        name = self._name.encode()
        method = _DEFLATED if self._deflater else _STORED
        fixed = _LOCAL.pack(
            0x0403_4B50, _VERSION, _UTF8, method, 0, _DATE, self._crc, _LARGE, _LARGE, len(name), _SIZES.size
        )
        return fixed + name + _SIZES.pack(1, _SIZES.size - 4, self._size, self._packed)


def directory(entries: Iterable[ZipEntry], *, at: int) -> bytes:
    """Return what ends an archive: the directory of all members, which begins at that place."""
    rows = [_row(entry) for entry in entries]
    size, number = sum(map(len, rows)), len(rows)
    end64 = struct.pack("<IQHHIIQQQQ", 0x0606_4B50, 44, _UNIX | _VERSION, _VERSION, 0, 0, number, number, size, at)
    locator = struct.pack("<IIQI", 0x0706_4B50, 0, at + size, 1)
    few = min(number, _MANY)
    end = struct.pack("<IHHHHIIH", 0x0605_4B50, 0, 0, few, few, min(size, _LARGE), min(at, _LARGE), 0)
    return b"".join([*rows, end64, locator, end])


def _row(entry: ZipEntry) -> bytes:
    """Return the entry's row of the directory; its ZIP64 field has the numbers that do not fit, in this order."""
    name = entry.name.encode()
    large = [number for number in (entry.size, entry.packed, entry.at) if number >= _LARGE]
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    size, packed, at = (min(number, _LARGE) for number in (entry.size, entry.packed, entry.at))
    method = _DEFLATED if entry.is_deflated else _STORED
    fixed = _CENTRAL.pack(
        0x0201_4B50, _UNIX | _VERSION, _VERSION, _UTF8, method, 0, _DATE, entry.crc, packed, size, len(name),
        len(extra), 0, 0, 0, _MODE, at,
    )  # fmt: skip
    return fixed + name + extra
