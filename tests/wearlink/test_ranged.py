"""Files that are fetched by ranges: the same bytes as any file, in few and bounded fetches."""

import io
import random
import zipfile

from wearlink.lib.storage.ranged import FIRST, MAX_RANGE_BYTES, OPEN, PIECE, RangedFile

DATA = random.Random(3).randbytes(140 * 1024 * 1024)


class Fetched:
    """A range store that keeps what it was asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.ranges: list[tuple[int, int]] = []
        self.bodies: list[io.BytesIO] = []

    def __call__(self, first: int, end: int) -> io.BytesIO:
        self.ranges.append((first, end))
        made = io.BytesIO(self.data[first:end])
        self.bodies.append(made)
        return made

    def file(self) -> io.BufferedReader:
        return io.BufferedReader(RangedFile(len(self.data), self))


def test_reading_on_and_on_fetches_every_byte_once_in_growing_ranges() -> None:
    fetched = Fetched(DATA)
    with fetched.file() as file:
        pieces = list(iter(lambda: file.read(1024 * 1024), b""))
    assert b"".join(pieces) == DATA
    sizes = [end - first for first, end in fetched.ranges]
    assert sum(sizes) == len(DATA)
    assert (sizes[0], max(sizes)) == (FIRST, MAX_RANGE_BYTES)
    assert len(sizes) < 12


def test_two_places_read_in_turn_do_not_fetch_each_others_ranges_again() -> None:
    fetched = Fetched(DATA)
    with fetched.file() as file:
        for step in range(40):
            for base in (0, 20 * 1024 * 1024):
                file.seek(base + step * 4096)
                assert file.read(4096) == DATA[base + step * 4096 :][:4096]
    assert len(fetched.ranges) == OPEN


def test_ranges_that_are_left_half_way_are_closed() -> None:
    fetched = Fetched(DATA)
    with fetched.file() as file:
        for place in (0, 20_000_000, 40_000_000):
            file.seek(place)
            assert file.read(4096) == DATA[place:][:4096]
        assert [body.closed for body in fetched.bodies] == [True, False, False]
    assert all(body.closed for body in fetched.bodies)


def test_what_was_just_read_is_not_fetched_again() -> None:
    fetched = Fetched(DATA)
    with fetched.file() as file:
        file.read(PIECE)
        file.seek(0)
        assert file.read(PIECE) == DATA[:PIECE]
    assert len(fetched.ranges) == 1


def test_an_archive_is_read_in_place() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first", DATA[: 3 * 1024 * 1024])
        archive.writestr("second", b"x" * 5_000_000)
    fetched = Fetched(packed.getvalue())
    with zipfile.ZipFile(fetched.file()) as archive:
        assert archive.read("second") == b"x" * 5_000_000
        assert archive.read("first") == DATA[: 3 * 1024 * 1024]


def test_beyond_the_end_there_is_nothing() -> None:
    fetched = Fetched(b"abc")
    with fetched.file() as file:
        file.seek(10)
        assert file.read() == b""
    with Fetched(b"").file() as empty:
        assert empty.read() == b""
    assert fetched.ranges == []
