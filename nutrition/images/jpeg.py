"""JPEG: tables, frame, scans, colour profile; all other segments go, and all that follows the first image.

Structure after ITU-T T.81. Only baseline, extended and progressive Huffman files are rebuilt; arithmetic and lossless
ones are encoded again.
"""

import re
from typing import Final

from nutrition.images import exif, icc
from nutrition.images.exif import Exif
from nutrition.images.refusals import Doubt
from nutrition.images.scrubbed import Scrubbed

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_DHT, _DQT, _DRI = 0xC4, 0xDB, 0xDD
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
_APP0, _APP1, _APP2, _APP14, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_DROPPED: Final = frozenset({*range(0xE0, 0xF0), _COM})
# Inside coded data 0xFF is followed by 0 or a restart marker; anything else ends it.
_END_OF_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)  # begins with a letter: sought at 2 GB/s
_EXIF: Final = b"Exif\0\0"
_ICC: Final = b"ICC_PROFILE\0"
_MAX_SCANS: Final = 200


class _Parts:
    """The parts of a file that are kept while it is read."""

    def __init__(self) -> None:
        self.density = b""
        self.adobe = b""
        self.profile: list[bytes] = []
        self.exif: Exif | None = None
        self.coded: list[bytes] = []
        self.frames = 0
        self.scans = 0


def scrub(data: bytes) -> Scrubbed:
    """Return the image rebuilt out of what its pixels need, and its orientation. Raises Doubt."""
    parts, at = _Parts(), 2
    while True:
        marker, at = _marker(data, at)
        if marker == _EOI:
            break
        length = int.from_bytes(data[at : at + 2])
        body = data[at + 2 : at + length]
        if length < 2 or at + length > len(data):
            raise Doubt("a segment reaches beyond the end")
        at += length
        if marker == _SOS:
            at = _scan(parts, data, body, at)
        else:
            _segment(parts, marker, body)
    if not parts.scans:
        raise Doubt("no image")
    return _rebuilt(parts)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """Return the marker at a place, and the place behind it; any number of 0xFF may come before."""
    if data[at : at + 1] != b"\xff":
        raise Doubt("no marker where one must be")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise Doubt("no end")
    return data[at], at + 1


def _scan(parts: _Parts, data: bytes, header: bytes, at: int) -> int:
    if parts.frames != 1 or not header or len(header) != 4 + 2 * header[0]:
        raise Doubt("a scan without frame")
    found = _END_OF_SCAN.search(data, at)
    if found is None:
        raise Doubt("no end of a scan")
    parts.scans += 1
    if parts.scans > _MAX_SCANS:
        raise Doubt("more scans than any camera writes")
    parts.coded.append(_framed(_SOS, header) + data[at : found.start()])
    return found.start()


def _segment(parts: _Parts, marker: int, body: bytes) -> None:
    if marker in _FRAMES:
        if len(body) < 6 or len(body) != 6 + 3 * body[5] or not int.from_bytes(body[1:3]):
            raise Doubt("a frame of another form")
        parts.frames += 1
        parts.coded.append(_framed(marker, body))
    elif marker in {_DQT, _DHT, _DRI}:
        if not {_DQT: _are_quantisers, _DHT: _are_codes, _DRI: _is_interval}[marker](body):
            raise Doubt("a table of another form")
        parts.coded.append(_framed(marker, body))
    elif marker in _DROPPED:
        _application(parts, marker, body)
    else:
        raise Doubt(f"marker {marker:#x}")


def _application(parts: _Parts, marker: int, body: bytes) -> None:
    """Density and colour transform stay (the thumbnail in the first goes), EXIF is read, the rest goes."""
    if marker == _APP0 and body[:5] == b"JFIF\0" and len(body) >= 14 and not parts.density:
        parts.density = body[:12] + b"\0\0"
    elif marker == _APP14 and body[:5] == b"Adobe" and len(body) >= 12:
        parts.adobe = body[:12]
    elif marker == _APP2 and body[:12] == _ICC:
        parts.profile.append(body[12:])
    elif marker == _APP1 and body[:6] == _EXIF and parts.exif is None:
        parts.exif = exif.read(body[6:])


def _are_quantisers(body: bytes) -> bool:
    at = 0
    while at < len(body):
        at += 1 + 64 * (2 if body[at] >> 4 else 1)
    return at == len(body)


def _are_codes(body: bytes) -> bool:
    at = 0
    while at + 17 <= len(body):
        at += 17 + sum(body[at + 1 : at + 17])
    return at == len(body)


def _is_interval(body: bytes) -> bool:
    return len(body) == 2


def _framed(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def _rebuilt(parts: _Parts) -> Scrubbed:
    found = parts.exif or Exif()
    out = [b"\xff\xd8"]
    if parts.density:
        out.append(_framed(_APP0, parts.density))
    if found.orientation != 1:
        out.append(_framed(_APP1, _EXIF + exif.only_orientation(found.orientation)))
    profile = icc.rebuilt(b"".join(piece[2:] for piece in parts.profile))
    if profile:
        out.append(_framed(_APP2, _ICC + b"\1\1" + profile))
    if parts.adobe:
        out.append(_framed(_APP14, parts.adobe))
    return Scrubbed(b"".join([*out, *parts.coded, b"\xff\xd9"]), found)
