"""Colour profiles: without them photos of wide-gamut cameras look pale, so those of cameras are rebuilt.

A profile may hold any text, and a damaged file may have anything in its place. What is taken over are the numbers of a
plain RGB or grey profile (white point, primaries, adaptation, curves by formula); profiles by tables are dropped, and
the colours then read as sRGB. Structure after ICC.1:2022.
"""

import struct
from typing import Final

_HEADER: Final = 128
_MAX_BYTES: Final = 1024 * 1024
_MAX_TAGS: Final = 100
_POINTS: Final = (b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ")
_CURVES: Final = (b"rTRC", b"gTRC", b"bTRC", b"kTRC")
_ADAPTATION: Final = b"chad"
_NUMBERS_OF_FORMULA: Final = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}
_D50: Final = bytes.fromhex("0000f6d6000100000000d32d")
_DATE: Final = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)


def rebuilt(data: bytes) -> bytes:
    """Return the same colours in a profile of our own; nothing where that cannot be."""
    is_ours = data[36:40] == b"acsp" and data[12:16] == b"mntr" and data[20:24] == b"XYZ " and data[8] in {2, 4}
    if not _HEADER < len(data) <= _MAX_BYTES or not is_ours:
        return b""
    try:
        tags = _tags(data)
    except struct.error:
        return b""
    curves = [b"kTRC"] if data[16:20] == b"GRAY" else [b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"]
    if data[16:20] not in {b"GRAY", b"RGB "} or not all(tags.get(name) for name in [b"wtpt", *curves]):
        return b""
    return _packed(data[8:12], data[16:20], {name: body for name, body in tags.items() if body})


def _tags(data: bytes) -> dict[bytes, bytes]:
    (number,) = struct.unpack_from(">I", data, _HEADER)
    found: dict[bytes, bytes] = {}
    for index in range(min(number, _MAX_TAGS)):
        name, at, length = struct.unpack_from(">4sII", data, _HEADER + 4 + 12 * index)
        body = data[at : at + min(length, 64)]
        if name in _POINTS:
            found[name] = body[:20] if body[:4] == b"XYZ " and len(body) >= 20 else b""
        elif name == _ADAPTATION:
            found[name] = body[:44] if body[:4] == b"sf32" and len(body) >= 44 else b""
        elif name in _CURVES:
            found[name] = _curve(body)
    return found


def _curve(body: bytes) -> bytes:
    """Return a curve by a formula, or by a single exponent; nothing for one by a table."""
    if body[:4] == b"para" and len(body) >= 12:
        numbers = _NUMBERS_OF_FORMULA.get(int.from_bytes(body[8:10]), 99)
        return body[: 12 + 4 * numbers] if len(body) >= 12 + 4 * numbers else b""
    if body[:4] == b"curv" and len(body) >= 12:
        entries = int.from_bytes(body[8:12])
        return body[: 12 + 2 * entries] if entries <= 1 and len(body) >= 12 + 2 * entries else b""
    return b""


def _packed(version: bytes, space: bytes, tags: dict[bytes, bytes]) -> bytes:
    at, table, bodies = _HEADER + 4 + 12 * len(tags), b"", b""
    for name, body in tags.items():
        body = body.ljust(-(-len(body) // 4) * 4, b"\0")
        table += struct.pack(">4sII", name, at + len(bodies), len(body))
        bodies += body
    size = at + len(bodies)
    header = struct.pack(">I4x", size) + version[:2] + b"\0\0mntr" + space + b"XYZ " + _DATE + b"acsp"
    header = header.ljust(68, b"\0") + _D50
    return header.ljust(_HEADER, b"\0") + struct.pack(">I", len(tags)) + table + bodies
