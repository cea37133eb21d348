"""The reasons why a file is refused, in words for the caller; and Doubt, which scrubbers raise between themselves."""

from wearlink.lib.errors import FieldError, InvalidInput, TooLarge, UnsupportedMedia


class Doubt(Exception):
    """A scrubber met something it does not fully understand: the file must be encoded again instead."""


class UnsupportedImage(UnsupportedMedia):
    """The bytes are no image of a kind we take, whatever name and content type say."""

    default_code = "unsupported_image"

    def __init__(self) -> None:
        super().__init__("file: not a JPEG, PNG, HEIC, HEIF or WebP image. Name and content type are not looked at.")


class UnreadableImage(InvalidInput):
    """An image of a kind we take, but broken."""

    default_code = "unreadable_image"

    def __init__(self, fault: str) -> None:
        super().__init__(f"file: {fault}", errors=(FieldError("file", fault),))


class EmptyImage(UnreadableImage):
    default_code = "empty_image"

    def __init__(self) -> None:
        super().__init__("The file is empty.")


class ImageTooLarge(TooLarge):
    """More bytes than a photo may have."""

    default_code = "image_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"file: larger than the {limit} bytes accepted.")


class TooManyPixels(TooLarge):
    """Few bytes, but more pixels than anybody's camera makes."""

    default_code = "too_many_pixels"

    def __init__(self, width: int, height: int, limit: int) -> None:
        super().__init__(f"file: {width}×{height} pixels; at most {limit:,} in all are accepted.")
