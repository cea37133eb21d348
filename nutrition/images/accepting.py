"""Acceptance of a photo: any bytes become an image that may be stored, or are refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from nutrition.images import heif, jpeg, pixels, png, sniff, webp
from nutrition.images.exif import Exif, Tags
from nutrition.images.refusals import Doubt, EmptyImage, ImageTooLarge, UnreadableImage, UnsupportedImage
from nutrition.images.scrubbed import Scrubbed

MAX_BYTES: Final = 5 * 1024 * 1024
_SCRUBBERS: Final[Mapping[str, Callable[[bytes], Scrubbed]]] = {
    sniff.JPEG: jpeg.scrub,
    sniff.PNG: png.scrub,
    sniff.WEBP: webp.scrub,
    sniff.HEIF: heif.scrub,
}


@dataclass(frozen=True, slots=True)
class Photo:
    """An image without anything but its pixels. `exif` is what may be known of the camera (images.exif says what)."""

    data: bytes
    kind: str  # jpeg, png, webp or heif
    width: int
    height: int
    exif: Tags

    @property
    def media_type(self) -> str:
        return f"image/{self.kind}"


def accept(raw: bytes) -> Photo:
    """Return the photo in these bytes. Raises EmptyImage, ImageTooLarge, UnsupportedImage, UnreadableImage,
    TooManyPixels.
    """
    if not raw:
        raise EmptyImage
    if len(raw) > MAX_BYTES:
        raise ImageTooLarge(MAX_BYTES)
    kind = sniff.kind_of(raw)
    if kind is None:
        raise UnsupportedImage
    try:
        scrubbed = _SCRUBBERS[kind](raw)
        width, height = pixels.size(scrubbed.data, kind)
    except (Doubt, pixels.Undecodable):
        return _anew(raw, kind)
    return Photo(scrubbed.data, kind, width, height, scrubbed.exif.tags)


def _anew(raw: bytes, kind: str) -> Photo:
    """Return the pixels in a file of our own; slow, and only for files that are built strangely."""
    try:
        pixels.size(raw, kind)
        data, width, height = pixels.encoded_anew(raw, kind)
    except pixels.Undecodable as error:
        raise UnreadableImage("The image is damaged or incomplete and cannot be read.") from error
    return Photo(data, sniff.JPEG, width, height, Exif().tags)
