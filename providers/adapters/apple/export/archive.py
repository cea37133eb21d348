"""The file an end user gives us: an export's XML as it is, or the archive the phone made, of which nothing is trusted.

Entries are found by content, read in place and never unpacked to disk; their names are used for nothing but finding
route files. Sizes are those that really come out, whatever the headers say.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from providers.adapters.apple.export.bytefilter import BLOCK, looks_like_export
from providers.adapters.apple.export.directory import check_directory
from providers.contract import RefusedFile

MAX_RATIO: Final = 100  # real exports: 15 to 16
RATIO_FROM: Final = 10 * 1024 * 1024
ROUTE_RATIO_FROM: Final = 1024 * 1024
MAX_ROUTE_BYTES: Final = 64 * 1024 * 1024
_SNIFF: Final = 4096
_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may ask for gigabytes of memory
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OverflowError,
)  # fmt: skip


def is_zip(head: bytes) -> bool:
    """Return whether a file that begins so is a ZIP archive."""
    return head.startswith(_ZIP)


def is_xml(head: bytes) -> bool:
    """Return whether a file that begins so may be XML, in whatever encoding."""
    text = head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return text.replace(b"\x00", b"").lstrip().startswith(b"<")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of what may be unpacked from a file, in bytes."""

    expanded: int


class PlainFile:
    """The XML by itself: no routes."""

    def __init__(self, file: IO[bytes], bounds: Bounds) -> None:
        self._file = file
        self._bounds = bounds

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes of the XML. Raises RefusedFile."""
        self._file.seek(0)
        total = 0
        while block := self._file.read(BLOCK):
            total += len(block)
            if total > self._bounds.expanded:
                raise _too_large(self._bounds)
            yield block

    def route(self, path: str) -> bytes | None:
        """Return None: a bare XML file has no routes."""
        return None

    @property
    def route_bytes(self) -> int:
        """0, since a bare XML file has no routes."""
        return 0


class Archive:
    """A ZIP archive with one export in it. Raises RefusedFile for one that has none, or is not sound."""

    def __init__(self, file: IO[bytes], bounds: Bounds) -> None:
        self._bounds = bounds
        self._size = check_directory(file)
        self._routed = 0
        try:
            self._zip = zipfile.ZipFile(file)
            self._entries = [entry for entry in self._zip.infolist() if not _is_clutter(entry)]
            self._export = self._find()
        except RefusedFile:
            raise
        except _DAMAGED as error:
            raise _damaged() from error
        root = self._export.filename.rpartition("/")[0]
        self._routes = {
            entry.filename.removeprefix(root).strip("/"): entry
            for entry in self._entries
            if entry.filename.endswith(".gpx")
        }

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes of the XML, counted as they come out. Raises RefusedFile."""
        packed = min(self._export.compress_size, self._size)
        total = 0
        try:
            with self._zip.open(self._export) as entry:
                while block := entry.read(BLOCK):
                    total += len(block)
                    self._judge(total, packed)
                    yield block
        except RefusedFile:
            raise
        except _DAMAGED as error:
            raise _damaged() from error

    def _judge(self, total: int, packed: int) -> None:
        if total > self._bounds.expanded:
            raise _too_large(self._bounds)
        if total > RATIO_FROM and total > MAX_RATIO * max(packed, 1):
            raise RefusedFile("zip_bomb", f"The archive expands more than {MAX_RATIO} times.")

    def route(self, path: str) -> bytes | None:
        """Return a route file by the path the XML gives; None if it is not there or not sound."""
        entry = self._routes.pop(path.strip("/"), None)  # each is read once: a file belongs to one workout
        if entry is None or entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            return None
        try:
            with self._zip.open(entry) as file:
                content = file.read(MAX_ROUTE_BYTES + 1)
        except _DAMAGED:
            return None
        self._routed += len(content)
        inflated = len(content) > ROUTE_RATIO_FROM and len(content) > MAX_RATIO * max(entry.compress_size, 1)
        if inflated or len(content) > MAX_ROUTE_BYTES or self._routed > self._bounds.expanded:
            return None
        return content

    @property
    def route_bytes(self) -> int:
        """Size of all route files together, as the archive claims."""
        return sum(entry.file_size for entry in self._routes.values())

    def _find(self) -> zipfile.ZipInfo:
        """Return the largest entry that is an export by its content. The largest are looked into first: each look may
        be a call to the store, and there may be thousands of routes.
        """
        if any(entry.flag_bits & _ENCRYPTED for entry in self._entries):
            raise RefusedFile("encrypted", "The archive is encrypted.")
        nested = False
        for entry in sorted(self._entries, key=lambda entry: entry.file_size, reverse=True):
            head = self._head(entry)
            if looks_like_export(head):
                return entry
            nested = nested or is_zip(head)
        if nested:
            raise RefusedFile("nested_archive", "The archive holds another archive. Send the inner one.")
        raise RefusedFile("no_export", "The archive holds no Apple Health export.")

    def _head(self, entry: zipfile.ZipInfo) -> bytes:
        if entry.compress_type not in _METHODS:
            return b""
        with self._zip.open(entry) as file:
            return file.read(_SNIFF)


Container = PlainFile | Archive


def open_container(file: IO[bytes], bounds: Bounds) -> Container:
    """Return the file as what it is by its first bytes. Raises RefusedFile."""
    file.seek(0)
    head = file.read(_SNIFF)
    if is_zip(head):
        return Archive(file, bounds)
    if is_xml(head):
        return PlainFile(file, bounds)
    raise RefusedFile("unknown_format", "The file is neither XML nor a ZIP archive.")


def _is_clutter(entry: zipfile.ZipInfo) -> bool:
    parts = entry.filename.split("/")
    return entry.is_dir() or "__MACOSX" in parts or parts[-1].startswith("._")


def _too_large(bounds: Bounds) -> RefusedFile:
    return RefusedFile("expanded_too_large", f"The export has more than {bounds.expanded} bytes when unpacked.")


def _damaged() -> RefusedFile:
    return RefusedFile("damaged_archive", "The archive is damaged and cannot be read.")
