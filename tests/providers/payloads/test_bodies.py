"""Reading request bodies, and the notations of time in them."""

import gzip
import io
import tracemalloc

import pytest

from providers.contract.dates import heads, moment, stated_zone, tails, zones
from providers.payloads import bodies
from wearlink.lib.errors import InvalidInput, TooLarge


class Counting(io.BytesIO):
    """A stream that knows how much of it was asked for."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, bodies.MAX_BYTES])
@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "X-GZIP"])
def test_bodies_up_to_the_limit_come_whole(size: int, encoding: str) -> None:
    body = b"x" * size
    sent = gzip.compress(body, 1) if "gzip" in encoding.lower() else body
    assert bodies.read(io.BytesIO(sent), encoding) == body


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_one_byte_more_is_too_many(encoding: str) -> None:
    body = b"x" * (bodies.MAX_BYTES + 1)
    sent = gzip.compress(body, 1) if encoding == "gzip" else body
    with pytest.raises(TooLarge, match="10 MB"):
        bodies.read(io.BytesIO(sent), encoding)


def test_an_announced_size_beyond_the_limit_is_refused_unread() -> None:
    stream = Counting(b"x" * 100)
    with pytest.raises(TooLarge):
        bodies.read(stream, "identity", bodies.MAX_BYTES + 1)
    assert stream.taken == 0


def test_a_bomb_is_left_alone_early_and_costs_little_memory() -> None:
    stream = Counting(gzip.compress(b" " * (100 * 1024 * 1024), 1))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        bodies.read(stream, "gzip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * bodies.MAX_BYTES


@pytest.mark.parametrize(
    "sent",
    [b"", b"\x1f\x8b", b"plain", gzip.compress(b"x" * 1000)[:20], gzip.compress(b"x") * 2],
    ids=["nothing", "a beginning", "no gzip", "cut short", "two members"],
)
def test_broken_gzip_is_the_callers_fault(sent: bytes) -> None:
    with pytest.raises(InvalidInput):
        bodies.read(io.BytesIO(sent), "gzip")


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        bodies.read(io.BytesIO(b"x"), "br")
    assert caught.value.errors[0].field == "Content-Encoding"


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:01", 60_000),
        ("1970-01-01T02:00:01.5+02:00", 1_500),
        ("2026-04-15T06:30:00.123456789Z", 1_776_234_600_123),
    ],
)
def test_moments_are_read_to_the_millisecond(text: str, ms: int) -> None:
    assert moment(text) == ms
    assert moment(text) == ms  # and from memory


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-04-15", "2026-02-30T00:00:00Z", "2026-04-15T06:30:61Z", "2026-04-15T06:30:00+25:00", "x" * 99],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        moment(text)


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [
        ("+05:30", 330),
        ("-0700", -420),
        ("Z", None),
        ("+18:00", 1080),
        ("+19:00", None),
        ("CET", None),
        ("", None),
        (None, None),
    ],
)
def test_zone_offsets_are_minutes_east(offset: str | None, minutes: int | None) -> None:
    assert zones[offset] == minutes


def test_the_zone_field_goes_before_the_dates_own_offset() -> None:
    assert stated_zone("+01:00", "2026-04-15T06:30:00+02:00") == 60
    assert stated_zone(None, "2026-04-15T06:30:00.5-02:00") == -120
    assert stated_zone(None, "2026-04-15T06:30:00Z") is None


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.contract.dates._REMEMBER", 10)
    for memory in (heads, tails, zones):
        memory.clear()
    for n in range(100):
        moment(f"2026-04-15T06:{n % 60:02}:00.{n:03}Z")
        assert zones[f"+0{n % 10}:00"] == (n % 10 * 60 or None)
    assert max(len(heads), len(tails), len(zones)) <= 10


def test_what_is_packed_comes_back_and_is_small() -> None:
    body = b'{"type": "HKQuantityTypeIdentifierHeartRate"}' * 1000
    assert bodies.unpack(bodies.pack(body)) == body
    assert len(bodies.pack(body)) * 10 < len(body)
