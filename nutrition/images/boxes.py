"""The boxes of ISO base media files (ISO/IEC 14496-12), of which HEIF is one, and the lists in HEIF's meta box.

Readers here are strict: whatever is cut off or of an unknown version raises Doubt.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from nutrition.images.refusals import Doubt

_MAX_BOXES: Final = 20_000  # boxes, items or extents of one photo


class Box(NamedTuple):
    """A box's place in the file: its head, its body, its end."""

    kind: bytes
    start: int
    body: int
    end: int


class ByteSpan(NamedTuple):
    """Bytes of the file, half open."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the item list: id, type, and where the entry's type and its texts lie."""

    id: int
    kind: bytes
    kind_at: int
    texts: ByteSpan


@dataclass(frozen=True, slots=True)
class Extent:
    """A piece of an item: in the file itself, or in the meta box's own data."""

    item: int
    is_inline: bool
    start: int
    length: int


class Cursor:
    """Reads numbers one after the other. Raises Doubt at the end."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def take(self, size: int) -> int:
        """Return the next number of so many bytes."""
        if self.at + size > self.end:
            raise Doubt("a list is cut off")
        value = int.from_bytes(self.data[self.at : self.at + size])
        self.at += size
        return value


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes one after the other. Raises Doubt where one does not fit."""
    at = start
    for _ in range(_MAX_BOXES):
        if at >= end:
            return
        box = _box(data, at, end)
        yield box
        at = box.end
    raise Doubt("too many boxes")


def _box(data: bytes, at: int, end: int) -> Box:
    if at + 8 > end:
        raise Doubt("a box is cut off")
    size, kind, body = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], at + 8
    if size == 1:
        size, body = int.from_bytes(data[at + 8 : at + 16]), at + 16
    elif size == 0:
        size = end - at
    if at + size > end or at + size < body:
        raise Doubt("a box reaches beyond its place")
    return Box(kind, at, body, at + size)


def primary(data: bytes, box: Box) -> int:
    """Return id of the item that is the photo."""
    cursor = Cursor(data, box.body, box.end)
    return cursor.take(2 if cursor.take(4) >> 24 == 0 else 4)


def items(data: bytes, box: Box) -> list[Item]:
    cursor = Cursor(data, box.body, box.end)
    cursor.take(2 if cursor.take(4) >> 24 == 0 else 4)
    found = []
    for entry in boxes(data, cursor.at, box.end):
        if entry.kind != b"infe":
            raise Doubt("something else among the items")
        own = Cursor(data, entry.body, entry.end)
        version = own.take(4) >> 24
        if version not in {2, 3}:
            raise Doubt("items of an old form")
        identity = own.take(2 if version == 2 else 4)
        own.take(2)
        kind_at = own.at
        own.take(4)
        found.append(Item(identity, data[kind_at : kind_at + 4], kind_at, ByteSpan(own.at, entry.end)))
    return found


def parts_of(data: bytes, box: Box) -> dict[int, list[int]]:
    """Return which items an item is put together from (references "dimg")."""
    width = 2 if data[box.body] == 0 else 4
    found: dict[int, list[int]] = {}
    for entry in boxes(data, box.body + 4, box.end):
        cursor = Cursor(data, entry.body, entry.end)
        whole, number = cursor.take(width), cursor.take(2)
        others = [cursor.take(width) for _ in range(number)]
        if entry.kind == b"dimg":
            found.setdefault(whole, []).extend(others)
    return found


def extents(data: bytes, box: Box) -> list[Extent]:
    """Return where the items' bytes lie."""
    cursor = Cursor(data, box.body, box.end)
    version = cursor.take(4) >> 24
    if version > 2:
        raise Doubt("places of an unknown form")
    sizes = cursor.take(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    found: list[Extent] = []
    for _ in range(cursor.take(2 if version < 2 else 4)):
        item = cursor.take(2 if version < 2 else 4)
        method = cursor.take(2) & 15 if version else 0
        if method > 1 or cursor.take(2) != 0:
            raise Doubt("an item that lies elsewhere")
        base = cursor.take(base_size)
        for _ in range(cursor.take(2)):
            cursor.take(index_size)
            start = base + cursor.take(offset_size)
            found.append(Extent(item, method == 1, start, cursor.take(length_size)))
        if len(found) > _MAX_BOXES:
            raise Doubt("too many pieces")
    return found
