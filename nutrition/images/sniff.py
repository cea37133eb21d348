"""The kind of a file, by its first bytes."""

from typing import Final

JPEG: Final = "jpeg"
PNG: Final = "png"
WEBP: Final = "webp"
HEIF: Final = "heif"

_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_MAX_BRANDS: Final = 64


def kind_of(data: bytes) -> str | None:
    """Return one of the four kinds, or None. AVIF shares HEIF's container and is not taken."""
    if data[:3] == b"\xff\xd8\xff":
        return JPEG
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    return HEIF if data[4:8] == b"ftyp" and _is_heif(data) else None


def _is_heif(data: bytes) -> bool:
    size = min(int.from_bytes(data[:4]), 16 + 4 * _MAX_BRANDS)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, size - 3, 4))}
    return bool(brands & _HEIF_BRANDS) and data[8:12] not in {b"avif", b"avis"}
