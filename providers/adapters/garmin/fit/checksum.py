"""The checksum at the end of a FIT file: the CRC-16 of its protocol, two bytes at a time.

Flexible and Interoperable Data Transfer protocol, https://developer.garmin.com/fit/protocol/ (File CRC). The SDK sums
byte by byte, which takes half as long as reading the file.
"""

import array
import sys
from functools import cache

POLYNOMIAL = 0xA001
HEADERS = (12, 14)


def is_whole(file: memoryview) -> str:
    """Return why a file, or one of several in a chain, is not what its writer wrote; empty if it is."""
    at = 0
    while at < len(file):
        if len(file) - at < 14 or file[at] not in HEADERS or bytes(file[at + 8 : at + 12]) != b".FIT":
            return "not_a_fit_file" if at == 0 else "trailing_bytes"
        end = at + file[at] + int.from_bytes(file[at + 4 : at + 8], "little")
        if end + 2 > len(file):
            return "truncated"
        if crc16(file[at:end]) != int.from_bytes(file[end : end + 2], "little"):
            return "bad_checksum"
        at = end + 2
    return "" if at else "not_a_fit_file"


def crc16(data: memoryview) -> int:
    """Return the CRC of some bytes."""
    table = _table()
    words = array.array("H", bytes(data[: len(data) & ~1]))
    if sys.byteorder == "big":
        words.byteswap()
    crc = 0
    for word in words:
        crc = table[crc ^ word]
    return crc if len(data) % 2 == 0 else _shift(crc ^ data[-1], 8)


@cache
def _table() -> "array.array[int]":
    return array.array("H", (_shift(word, 16) for word in range(1 << 16)))


def _shift(crc: int, bits: int) -> int:
    for _ in range(bits):
        crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
    return crc
