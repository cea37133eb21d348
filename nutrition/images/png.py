"""PNG: the chunks that are needed for drawing, each at most as long as it can be; all others go.

Structure after the W3C recommendation "Portable Network Graphics", third edition.
"""

import zlib
from typing import Final

from nutrition.images import exif, icc
from nutrition.images.exif import Exif
from nutrition.images.refusals import Doubt, UnreadableImage
from nutrition.images.scrubbed import Scrubbed

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
#: The longest that a kept chunk may be; the data of the image itself may have any length.
_KEPT: Final = {
    b"IHDR": 13,
    b"PLTE": 768,
    b"tRNS": 256,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"sBIT": 4,
    b"bKGD": 6,
    b"pHYs": 9,
    b"cICP": 4,
    b"IDAT": 1 << 31,
}
_MAX_TEXT_BYTES: Final = 2 * 1024 * 1024  # that compressed texts of one file may unpack to


def scrub(data: bytes) -> Scrubbed:
    """Return the image rebuilt out of its drawing chunks. Raises Doubt, and UnreadableImage for a bomb."""
    out, at, found = [_SIGNATURE], 8, Exif()
    names: list[bytes] = []
    room = _MAX_TEXT_BYTES
    while True:
        name, body, at = _chunk(data, at)
        if name == b"IEND":
            break
        if name in {b"zTXt", b"iTXt"}:
            room = _weighed(body, room)
        elif name == b"eXIf":
            found = exif.read(body)
        elif name == b"iCCP":
            out += _profile(body)
        elif len(body) <= _KEPT.get(name, -1):
            out.append(_packed(name, body))
            names.append(name)
    if names[:1] != [b"IHDR"] or names.count(b"IHDR") != 1 or b"IDAT" not in names:
        raise Doubt("no image")
    if found.orientation != 1:
        out.append(_packed(b"eXIf", exif.only_orientation(found.orientation)))
    return Scrubbed(b"".join([*out, _packed(b"IEND", b"")]), found)


def _chunk(data: bytes, at: int) -> tuple[bytes, bytes, int]:
    """Name and body of the chunk at a place, and the place behind it."""
    length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
    body, end = data[at + 8 : at + 8 + length], at + 12 + length
    if end > len(data):
        raise Doubt("a chunk reaches beyond the end")
    if name in _KEPT and zlib.crc32(body, zlib.crc32(name)) != int.from_bytes(data[end - 4 : end]):
        raise Doubt("a checksum is wrong")
    return name, body, end


def _packed(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(body, zlib.crc32(name)).to_bytes(4)


def _weighed(body: bytes, room: int) -> int:
    """Return what a compressed text leaves of the room. It goes anyway, but nobody sends a bomb by accident."""
    at = body.find(b"\x78")  # where a zlib stream begins, in either kind of text
    if at < 0:
        return room
    try:
        room -= len(zlib.decompressobj().decompress(body[at:], room))
    except zlib.error:
        return room
    if room <= 0:
        raise UnreadableImage("The file holds compressed text that unpacks to megabytes.")
    return room


def _profile(body: bytes) -> list[bytes]:
    """Return the colour profile under a name of ours, if it is one."""
    _, _, packed = body.partition(b"\0")
    try:
        profile = icc.rebuilt(zlib.decompressobj().decompress(packed[1:], _MAX_TEXT_BYTES))
    except zlib.error:
        return []
    return [_packed(b"iCCP", b"icc\0\0" + zlib.compress(profile))] if profile else []
