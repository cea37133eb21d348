"""What a query answers, and how a sample's id is computed.

An id is a UUIDv8 (RFC 9562): 48 bits of the stream's key, 44 bits of the instant in ms and 30 bits that tell apart
what shares both. It is not stored, and data erased and sent again has the same.
"""

import struct
import zlib

import msgspec

from healthdata.catalogue import SERIES, SameStart

_MS_BITS, _ORDINAL_BITS = 44, 30
_ORDINALS = (1 << _ORDINAL_BITS) - 1


class SampleRow(msgspec.Struct, frozen=True, gc=False):
    """One sample, one bucket of samples or one daily value."""

    id: str
    timestamp: int  # ms; a bucket's start; the local midnight of a daily value
    series: str
    value: float
    provider: str
    device: str | None
    duration: int | None = None  # ms; of a bucket its width
    zone: int | None = None


class Page(msgspec.Struct, frozen=True):
    """Rows in order, what to continue after (None: that was all), and how many rows the whole query gives."""

    rows: list[SampleRow]
    next: list[int] | None
    total: int


def sample_id(key48: int, ms: int, ordinal: int = 0) -> str:
    """The id of what one stream has at one instant."""
    ms &= (1 << _MS_BITS) - 1
    number = key48 << 80 | 0x8 << 76 | (ms >> 32) << 64 | 0b10 << 62 | (ms & 0xFFFFFFFF) << 30 | ordinal
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def ordinal_of(series: str, value: float) -> int:
    """0, but for series where two values of one instant both stay: there the value's own digest."""
    if SERIES[series].same_start is not SameStart.KEEP:
        return 0
    return zlib.crc32(struct.pack(">d", value)) & _ORDINALS
