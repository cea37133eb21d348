"""HEIF and HEIC: only the coded bytes of the photo itself survive; everything else in the file is overwritten.

In place, since every offset in the file stays right so. Kept are the bytes of the primary item and of the tiles it is
put together from; Exif, XMP, thumbnails, depth and gain maps, the motion video and unknown boxes become zeros, and
their entries lose their types, so that no reader looks for them. The rotation is a property of the item and stays.
A deny-list would not do: mutated files that still decode get around it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from nutrition.images import exif, icc
from nutrition.images.boxes import Box, ByteSpan, Extent, Item, boxes, extents, items, parts_of, primary
from nutrition.images.exif import Exif
from nutrition.images.refusals import Doubt
from nutrition.images.scrubbed import Scrubbed

_CODED: Final = frozenset({b"hvc1", b"grid", b"iovl", b"iden"})
_META: Final = frozenset({b"hdlr", b"pitm", b"iinf", b"iref", b"iprp", b"iloc", b"idat"})
_PROPERTIES: Final = frozenset(
    {b"ispe", b"hvcC", b"pixi", b"colr", b"irot", b"imir", b"clap", b"pasp", b"clli", b"mdcv", b"cclv", b"amve"}
)
_ONCE: Final = frozenset({b"pitm", b"iinf", b"iloc", b"iprp"})
_DEEPEST: Final = 8
_MAX_EXIF_BYTES: Final = 256 * 1024


class _File:
    """A file taken apart. Raises Doubt for one that is built in a way we do not fully understand."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.top = _whole_boxes(data)
        meta = [box for box in self.top if box.kind == b"meta"]
        if len(meta) != 1 or self.top[0].kind != b"ftyp":
            raise Doubt("not one photo")
        self.inner = list(boxes(data, meta[0].body + 4, meta[0].end))
        kinds = [box.kind for box in self.inner]
        if any(kinds.count(kind) != 1 for kind in _ONCE) or kinds.count(b"iref") > 1 or kinds.count(b"idat") > 1:
            raise Doubt("a list is missing or stands twice")
        self.items = items(data, self.box(b"iinf"))
        self.extents = extents(data, self.box(b"iloc"))
        self.kept = self._kept()

    def box(self, kind: bytes) -> Box:
        """Return the box of a kind that is there once."""
        return next(box for box in self.inner if box.kind == kind)

    def _kept(self) -> frozenset[int]:
        """Return the photo and what it is put together from."""
        kinds = {item.id: item.kind for item in self.items}
        if len(kinds) != len(self.items):
            raise Doubt("an item stands twice")
        parts: Mapping[int, list[int]] = {}
        if any(box.kind == b"iref" for box in self.inner):
            parts = parts_of(self.data, self.box(b"iref"))
        found: set[int] = set()
        layer = {primary(self.data, self.box(b"pitm"))}
        for _ in range(_DEEPEST):
            found |= layer
            layer = {part for item in layer for part in parts.get(item, ())} - found
        if layer or not all(kinds.get(item) in _CODED for item in found):
            raise Doubt("a photo of another form")
        return frozenset(found)

    def span(self, extent: Extent) -> ByteSpan:
        """Return the bytes of an extent. Raises Doubt where they do not lie in one of the boxes for data."""
        inline = [box for box in self.inner if box.kind == b"idat"]
        homes = inline if extent.is_inline else [box for box in self.top if box.kind == b"mdat"]
        base = inline[0].body if extent.is_inline and inline else 0
        found = ByteSpan(base + extent.start, base + extent.start + extent.length)
        if not extent.length or not any(box.body <= found.start and found.end <= box.end for box in homes):
            raise Doubt("an item lies outside the data")
        return found


def scrub(data: bytes) -> Scrubbed:
    """Return the photo with everything else overwritten. Raises Doubt."""
    file = _File(data)
    kept = [file.span(extent) for extent in file.extents if extent.item in file.kept]
    dropped = [file.span(extent) for extent in file.extents if extent.item not in file.kept]
    if not kept or _overlap(kept, dropped):
        raise Doubt("two items share bytes")
    out = bytearray(data[: file.top[-1].end])
    for box in (*file.top, *file.inner):
        if box.kind in {b"mdat", b"idat"}:
            _blank(out, ByteSpan(box.body, box.end))
        elif box.kind not in _META | {b"ftyp", b"meta"}:
            _discard(out, box)
    for span in kept:
        out[span.start : span.end] = data[span.start : span.end]
    _redact_lists(out, file)
    return Scrubbed(bytes(out), _exif(file))


def _whole_boxes(data: bytes) -> list[Box]:
    """Return the boxes of the file; what follows the last whole one is no part of it."""
    found: list[Box] = []
    try:
        found.extend(boxes(data, 0, len(data)))
    except Doubt:
        found = list(_until_broken(data))
    if not found:
        raise Doubt("no boxes")
    return found


def _until_broken(data: bytes) -> Iterable[Box]:
    try:
        yield from boxes(data, 0, len(data))
    except Doubt:
        return


def _overlap(kept: list[ByteSpan], dropped: list[ByteSpan]) -> bool:
    marked = sorted([(span, True) for span in kept] + [(span, False) for span in dropped])
    end, end_is_kept = 0, False
    for span, is_kept in marked:
        if span.start < end and is_kept != end_is_kept:
            return True
        if span.end >= end:
            end, end_is_kept = span.end, is_kept
    return False


def _redact_lists(out: bytearray, file: _File) -> None:
    """Names, types of what is gone, and references from it."""
    for item in file.items:
        _blank(out, item.texts)
        if item.id not in file.kept:
            out[item.kind_at : item.kind_at + 4] = b"free"
    for box in file.inner:
        if box.kind == b"hdlr":
            _blank(out, ByteSpan(min(box.body + 24, box.end), box.end))
        elif box.kind == b"iref":
            for reference in boxes(file.data, box.body + 4, box.end):
                if reference.kind != b"dimg":
                    out[reference.start + 4 : reference.start + 8] = b"free"
        elif box.kind == b"iprp":
            _redact_properties(out, file.data, box)


def _redact_properties(out: bytearray, data: bytes, properties: Box) -> None:
    for box in boxes(data, properties.body, properties.end):
        if box.kind == b"ipco":
            for one in boxes(data, box.body, box.end):
                if one.kind not in _PROPERTIES or not _colours(out, one):
                    _discard(out, one)
        elif box.kind != b"ipma":
            _discard(out, box)


def _colours(out: bytearray, box: Box) -> bool:
    """Put a colour profile's own version in its place; False where there is none. Other boxes stay as they are."""
    if box.kind != b"colr" or bytes(out[box.body : box.body + 4]) == b"nclx":
        return True
    room = ByteSpan(box.body + 4, box.end)
    profile = icc.rebuilt(bytes(out[room.start : room.end]))
    if not profile or len(profile) > room.end - room.start:
        return False
    _blank(out, room)
    out[room.start : room.start + len(profile)] = profile
    return True


def _discard(out: bytearray, box: Box) -> None:
    out[box.start + 4 : box.start + 8] = b"free"
    _blank(out, ByteSpan(box.body, box.end))


def _blank(out: bytearray, span: ByteSpan) -> None:
    out[span.start : span.end] = bytes(span.end - span.start)


def _exif(file: _File) -> Exif:
    """Return the camera's EXIF without its orientation: that is the item's own property, and must not count twice."""
    wanted: list[Item] = [item for item in file.items if item.kind == b"Exif"]
    spans = [file.span(extent) for item in wanted[:1] for extent in file.extents if extent.item == item.id]
    block = b"".join(file.data[span.start : span.end] for span in spans)[:_MAX_EXIF_BYTES]
    header = 4 + int.from_bytes(block[:4])
    return Exif(1, exif.read(block[header:].removeprefix(b"Exif\0\0")).tags)
