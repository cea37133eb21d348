"""The result of a scrubber."""

from dataclasses import dataclass, field

from nutrition.images.exif import Exif


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A file of allowed parts only, and what its EXIF said of the camera."""

    data: bytes
    exif: Exif = field(default_factory=Exif)
