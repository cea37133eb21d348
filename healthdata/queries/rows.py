"""The rows that a query of samples returns, and the ids of samples.

An id is a UUIDv8 (RFC 9562): 48 bits of the stream's key, 44 bits of the instant in ms and 30 bits that tell apart
what shares both. It is not stored, and data erased and sent again has the same.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from healthdata.catalogue import SERIES, SameStart

_MS_HIGH, _ORDINAL_BITS = 0xFFF, 30
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
    is_daily: bool = False

    @property
    def grain(self) -> str:
        """The extent of the value: instant, interval (or bucket), or daily."""
        return "daily" if self.is_daily else "instant" if self.duration is None else "interval"


class Page(msgspec.Struct, frozen=True):
    """Rows in order, what to continue after (None: that was all), and how many rows the whole query gives."""

    rows: list[SampleRow]
    next: list[int] | None
    total: int


def sample_id(key48: int, ms: int, ordinal: int = 0) -> str:
    """Return the id of what one stream has at one instant."""
    tail = f"{0b10 << 62 | (ms & 0xFFFFFFFF) << _ORDINAL_BITS | ordinal:016x}"
    return f"{_beginning(key48, ms >> 32 & _MS_HIGH)}{tail[:4]}-{tail[4:]}"


def sample_ids(key48: int, moments: Iterable[int], ordinals: Iterable[int]) -> Iterator[str]:
    """Yield the same of many instants of one stream, in half the time: a fourth group of 14 bits of the instant behind
    the variant, a fifth of its last 18 and the ordinal.
    """
    for ms, ordinal in zip(moments, ordinals):  # noqa: B905 - ordinals may be a repeat()
        beginning = _beginning(key48, ms >> 32 & _MS_HIGH)
        yield f"{beginning}{0x8000 | ms >> 18 & 0x3FFF:04x}-{(ms & 0x3FFFF) << _ORDINAL_BITS | ordinal:012x}"


@lru_cache(maxsize=4096)
def _beginning(key48: int, high: int) -> str:
    """Return the stream's key, the version and the instant's upper bits, which stay the same for seven weeks."""
    key = f"{key48:012x}"
    return f"{key[:8]}-{key[8:]}-8{high:03x}-"


def ordinal_of(series: str, value: float) -> int:
    """Return 0, but for series where two values of one instant both stay: there the value's own digest."""
    if SERIES[series].same_start is not SameStart.KEEP:
        return 0
    return zlib.crc32(struct.pack(">d", value)) & _ORDINALS
