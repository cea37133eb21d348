"""PostgreSQL's binary COPY format for sample chunks.

psycopg dumps arrays element by element in Python; here whole arrays are laid out by the array module, some
thirty times faster. Format: PostgreSQL manual, "COPY, Binary Format" and src/backend/utils/adt/arrayfuncs.c
(array_recv): ndim, has-nulls flag, element oid, then length and lower bound per dimension, then every element
as its length and its bytes, all big-endian.
"""

import struct
from array import array

SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
INT2, INT4, FLOAT8 = 21, 23, 701
FIELDS = 16
NULL = struct.pack(">i", -1)

_head = struct.Struct(">hiqiiiiiiii")  # field count; user_key, stream, hour, n, day as (length, value) pairs
_floats = struct.Struct(">idididid")
_zone = struct.Struct(">ih")
_minutes = struct.Struct(">iq")
_array = struct.Struct(">iiiiii")


def int4_array(numbers: list[int]) -> bytes:
    n = len(numbers)
    cells = array("i", bytes(8 * n))
    cells[0::2] = array("i", [4]) * n
    cells[1::2] = array("i", numbers)
    cells.byteswap()
    return _array.pack(20 + 8 * n, 1, 0, INT4, n, 1) + cells.tobytes()


def int2_array(numbers: list[int]) -> bytes:
    n = len(numbers)
    cells = array("h", bytes(6 * n))
    cells[1::3] = array("h", [2]) * n  # the low half of the length; its high half stays 0
    cells[2::3] = array("h", numbers)
    cells.byteswap()
    return _array.pack(20 + 6 * n, 1, 0, INT2, n, 1) + cells.tobytes()


def float8_array(numbers: list[float]) -> bytes:
    n = len(numbers)
    doubles = array("d", numbers)
    doubles.byteswap()
    halves = array("I", doubles.tobytes())
    length = array("I", [8])
    length.byteswap()
    cells = array("I", bytes(12 * n))
    cells[0::3] = length * n
    cells[1::3] = halves[0::2]
    cells[2::3] = halves[1::2]
    return _array.pack(20 + 12 * n, 1, 0, FLOAT8, n, 1) + cells.tobytes()


def chunk_row(
    key: tuple[int, int, int],
    day: int,
    zone: int | None,
    minutes: int | None,
    offsets: list[int],
    vals: list[float],
    durations: list[int] | None,
    zones: list[int] | None,
    parts: list[float] | None,
) -> bytes:
    """Return one row of healthdata_samplechunk in the column order of chunks.COLUMNS.

    key is (user_key, stream, hour); vals must not be empty.
    """
    user_key, stream, hour = key
    return b"".join(
        (
            _head.pack(FIELDS, 8, user_key, 4, stream, 4, hour, 4, len(vals), 4, day),
            NULL if zone is None else _zone.pack(2, zone),
            _floats.pack(8, min(vals), 8, max(vals), 8, sum(vals), 8, vals[-1]),
            NULL if minutes is None else _minutes.pack(8, minutes),
            int4_array(offsets),
            float8_array(vals),
            NULL if durations is None else int4_array(durations),
            NULL if zones is None else int2_array(zones),
            NULL if parts is None else float8_array(parts),
        )
    )
