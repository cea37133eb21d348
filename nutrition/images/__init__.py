"""Photos as they come from phones, and what of them may be kept.

`accept` takes any bytes and gives a photo without location, or raises. What is kept are the compressed pixels as they
came, put into a file of our own making out of allowed parts; what is not allowed does not survive, known or not. Where
a file is built in a way that the scrubbers do not fully understand, it is decoded and encoded again.
"""

from nutrition.images.accepting import MAX_BYTES, Photo, accept
from nutrition.images.pixels import Undecodable, view
from nutrition.images.refusals import EmptyImage, ImageTooLarge, TooManyPixels, UnreadableImage, UnsupportedImage

__all__ = [
    "MAX_BYTES",
    "EmptyImage",
    "ImageTooLarge",
    "Photo",
    "TooManyPixels",
    "Undecodable",
    "UnreadableImage",
    "UnsupportedImage",
    "accept",
    "view",
]
