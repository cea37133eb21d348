"""WebP: the bitstream, its alpha and its colour profile; metadata is dropped, and animations are encoded again.

Structure after the "WebP Container Specification" of Google.
"""

from collections.abc import Iterator
from typing import Final

from nutrition.images import exif, icc
from nutrition.images.exif import Exif
from nutrition.images.refusals import Doubt
from nutrition.images.scrubbed import Scrubbed

_PROFILE, _ALPHA, _EXIF = 0x20, 0x10, 0x08  # flags of VP8X
_EXTENDED_LENGTH: Final = 10
_BITSTREAMS: Final = (b"VP8 ", b"VP8L")


def scrub(data: bytes) -> Scrubbed:
    """Return the image rebuilt out of its bitstream. Raises Doubt."""
    chunks: dict[bytes, bytes] = {}
    for name, body in _chunks(data):
        if name in {b"ANIM", b"ANMF"}:
            raise Doubt("an animation")
        chunks.setdefault(name, body)
    bitstream = next((name for name in _BITSTREAMS if name in chunks), None)
    if bitstream is None:
        raise Doubt("no image")
    found = exif.read(chunks.get(b"EXIF", b"").removeprefix(b"Exif\0\0"))
    out = [*_before(chunks, found), _packed(bitstream, chunks[bitstream])]
    if b"VP8X" in chunks and found.orientation != 1:
        out.append(_packed(b"EXIF", exif.only_orientation(found.orientation)))
    body = b"WEBP" + b"".join(out)
    return Scrubbed(b"RIFF" + len(body).to_bytes(4, "little") + body, found)


def _before(chunks: dict[bytes, bytes], found: Exif) -> list[bytes]:
    """Header, profile and alpha of an extended file; a simple one has none of them."""
    header = chunks.get(b"VP8X")
    if header is None:
        return []
    if len(header) != _EXTENDED_LENGTH:
        raise Doubt("a header of another length")
    profile, alpha = icc.rebuilt(chunks.get(b"ICCP", b"")), chunks.get(b"ALPH")
    flags, out = header[0] & _ALPHA, []
    if profile:
        flags |= _PROFILE
        out.append(_packed(b"ICCP", profile))
    if alpha is not None:
        out.append(_packed(b"ALPH", alpha))
    if found.orientation != 1:
        flags |= _EXIF
    return [_packed(b"VP8X", bytes((flags, 0, 0, 0)) + header[4:]), *out]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise Doubt("the file ends early")
    at = 12
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise Doubt("a chunk reaches beyond the end")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _packed(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
