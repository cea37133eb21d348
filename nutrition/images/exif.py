"""The EXIF block of a photo: read by an allow-list, and written with nothing but the orientation.

A reader of our own: it looks at the allowed tags only, follows one pointer, and so can neither loop nor grow. GPS,
maker notes, comments, names of people, serial numbers and thumbnails are never read.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

Value = str | int | float | list[int | float | None] | None
Tags = Mapping[str, Value]

ORIENTATION: Final = 0x0112
_EXIF_POINTER: Final = 0x8769
_MAX_ENTRIES: Final = 512
_MAX_VALUES: Final = 8
_MAX_TEXT_LENGTH: Final = 64
_SIZES: Final = {2: 1, 3: 2, 4: 4, 5: 8, 9: 4, 10: 8}  # ascii, short, long, rational, and the signed two
_DATE: Final = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", re.ASCII)
_OFFSET: Final = re.compile(r"[+-]\d\d:\d\d|Z", re.ASCII)

_MAIN: Final = {
    0x010F: "Make",
    0x0110: "Model",
    ORIENTATION: "Orientation",
    0x0131: "Software",
    0x0132: "DateTime",
}
_CAMERA: Final = {
    0x829A: "ExposureTime",
    0x829D: "FNumber",
    0x8827: "ISOSpeedRatings",
    0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized",
    0x9010: "OffsetTime",
    0x9011: "OffsetTimeOriginal",
    0x9012: "OffsetTimeDigitized",
    0x9209: "Flash",
    0x920A: "FocalLength",
    0xA002: "PixelXDimension",
    0xA003: "PixelYDimension",
    0xA403: "WhiteBalance",
    0xA405: "FocalLengthIn35mmFilm",
    0xA432: "LensSpecification",
    0xA433: "LensMake",
    0xA434: "LensModel",
}


@dataclass(frozen=True, slots=True)
class Exif:
    """The photo's orientation (1 to 8, as EXIF counts; 1 is upright), and the allowed tags by name."""

    orientation: int = 1
    tags: Tags = field(default_factory=dict)


def read(block: bytes) -> Exif:
    """Return the allowed part of a TIFF structure; nothing where it is broken."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return Exif()
    tags: dict[str, Value] = {}
    try:
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        camera = 0
        for tag, kind, count, place in _entries(block, order, start):
            if tag == _EXIF_POINTER and kind == 4:
                (camera,) = struct.unpack_from(f"{order}I", block, place)
            elif tag in _MAIN:
                tags[_MAIN[tag]] = _value(block, order, kind, count, place)
        for tag, kind, count, place in _entries(block, order, camera) if camera else ():
            if tag in _CAMERA:
                tags[_CAMERA[tag]] = _value(block, order, kind, count, place)
    except struct.error:  # cut off: what was read so far counts
        pass
    orientation = tags.get("Orientation")
    upright = orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1
    return Exif(upright, {name: value for name, value in tags.items() if _is_sound(name, value)})


def only_orientation(orientation: int) -> bytes:
    """Return a TIFF structure with that one tag: 26 bytes."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)


def _entries(block: bytes, order: str, start: int) -> Iterator[tuple[int, int, int, int]]:
    """Tag, type, count and place of the four bytes of value or pointer, of each entry of a directory."""
    (number,) = struct.unpack_from(f"{order}H", block, start)
    for index in range(min(number, _MAX_ENTRIES)):
        at = start + 2 + 12 * index
        tag, kind, count = struct.unpack_from(f"{order}HHI", block, at)
        yield tag, kind, count, at + 8


def _value(block: bytes, order: str, kind: int, count: int, place: int) -> Value:
    size = _SIZES.get(kind)
    if size is None or not 0 < count <= max(_MAX_VALUES, _MAX_TEXT_LENGTH):
        return None
    if size * count > 4:
        (place,) = struct.unpack_from(f"{order}I", block, place)
    if kind == 2:
        return _text(block[place : place + count])
    if count > _MAX_VALUES:
        return None
    values = [_number(block, order, kind, place + size * index) for index in range(count)]
    return values[0] if count == 1 else values


def _text(raw: bytes) -> str | None:
    text = raw.partition(b"\0")[0].decode("ascii", "ignore").strip()
    return text if text and text.isprintable() else None


def _number(block: bytes, order: str, kind: int, at: int) -> int | float | None:
    if kind in {3, 4, 9}:
        code = {3: "H", 4: "I", 9: "i"}[kind]
        return int(struct.unpack_from(order + code, block, at)[0])
    above, below = struct.unpack_from(f"{order}{'II' if kind == 5 else 'ii'}", block, at)
    return round(above / below, 6) if below else None


def _is_sound(name: str, value: Value) -> bool:
    """Dates and zones have a form; anything else in their place is left out."""
    if name.startswith("DateTime"):
        return isinstance(value, str) and bool(_DATE.fullmatch(value))
    if name.startswith("OffsetTime"):
        return isinstance(value, str) and bool(_OFFSET.fullmatch(value))
    return value is not None
