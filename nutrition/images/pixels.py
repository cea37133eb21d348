"""Decoding, by Pillow. Nothing else in the project touches pixels."""

import struct
import sys
import zlib
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from nutrition.images import sniff
from nutrition.images.refusals import TooManyPixels
from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    import pi_heif
    from PIL import Image, ImageOps
else:
    pi_heif, Image, ImageOps = LazyModule("pi_heif"), LazyModule("PIL.Image"), LazyModule("PIL.ImageOps")

MAX_PIXELS: Final = 50_000_000  # 48-megapixel phones exist
VIEW_SIDE: Final = 1280  # about 1,600 tokens of a vision model; enough to see grains of rice
VIEW_QUALITY: Final = 88
_MAX_REENCODED_SIDE: Final = 4096
_FORMATS: Final = {sniff.JPEG: "JPEG", sniff.PNG: "PNG", sniff.WEBP: "WEBP", sniff.HEIF: "HEIF"}
#: What broken images make Pillow and its codecs raise.
_FAULTS: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
)


class Undecodable(Exception):
    """Bytes that cannot be decoded to pixels."""


def size(data: bytes, kind: str) -> tuple[int, int]:
    """Width and height, from the header alone. Raises Undecodable, TooManyPixels."""
    with _opened(data, kind) as image:
        width, height = image.size
    if width * height > MAX_PIXELS:
        raise TooManyPixels(width, height, MAX_PIXELS)
    return width, height


def view(data: bytes, kind: str) -> bytes:
    """Return a JPEG of at most 1280 pixels a side, upright: what models and reviewers see. Raises Undecodable."""
    return _encoded(data, kind, VIEW_SIDE, VIEW_QUALITY)[0]


def encoded_anew(data: bytes, kind: str) -> tuple[bytes, int, int]:
    """Return the pixels as a new JPEG, upright, with its width and height. Raises Undecodable."""
    return _encoded(data, kind, _MAX_REENCODED_SIDE, 92)


def _encoded(data: bytes, kind: str, longest: int, quality: int) -> tuple[bytes, int, int]:
    try:
        with _opened(data, kind) as image:
            image.draft("RGB", (longest, longest))  # a JPEG is unpacked at a half or a quarter where that is enough
            clean = _plain(ImageOps.exif_transpose(image), longest)
    except _FAULTS as error:
        raise Undecodable(type(error).__name__) from error
    out = BytesIO()
    clean.save(out, "JPEG", quality=quality)
    return out.getvalue(), clean.width, clean.height


def _plain(image: "Image.Image", longest: int) -> "Image.Image":
    """Pixels on white and nothing else: a new image has no metadata that saving could write back."""
    image.thumbnail((longest, longest))
    plain = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        plain.paste(image, mask=image.getchannel("A"))
    else:
        plain.paste(image.convert("RGB"))
    return plain


def _opened(data: bytes, kind: str) -> "Image.Image":
    _prepare()
    try:
        return Image.open(BytesIO(data), formats=[_FORMATS[kind]])
    except _FAULTS as error:
        raise Undecodable(type(error).__name__) from error


@cache
def _prepare() -> None:
    """Once a process. Opening reads the header only; `size` judges before anything is unpacked."""
    pi_heif.register_heif_opener(thumbnails=False)
    pillow: Any = sys.modules["PIL.Image"]
    pillow.MAX_IMAGE_PIXELS = None
