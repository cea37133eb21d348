"""Files that are fetched by ranges: the same bytes as any file, in few and bounded fetches."""

import io
import random
import zipfile

from wearlink.lib.storage.ranged import FIRST, KEPT, MAX_BLOCK_BYTES, RangedFile

DATA = random.Random(3).randbytes(40 * 1024 * 1024)


class Fetched:
    """A range store that keeps what it was asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, first: int, end: int) -> bytes:
        self.ranges.append((first, end))
        return self.data[first:end]

    def file(self) -> io.BufferedReader:
        return io.BufferedReader(RangedFile(len(self.data), self))


def test_reading_on_and_on_fetches_every_byte_once_in_growing_blocks() -> None:
    fetched = Fetched(DATA)
    with fetched.file() as file:
        pieces = list(iter(lambda: file.read(1024 * 1024), b""))
    assert b"".join(pieces) == DATA
    sizes = [end - first for first, end in fetched.ranges]
    assert sum(sizes) == len(DATA)
    assert (sizes[0], max(sizes)) == (FIRST, MAX_BLOCK_BYTES)
    assert len(sizes) < 25


def test_two_places_read_in_turn_do_not_fetch_each_others_blocks_again() -> None:
    fetched = Fetched(DATA)
    with fetched.file() as file:
        for step in range(40):
            for base in (0, 20 * 1024 * 1024):
                file.seek(base + step * 4096)
                assert file.read(4096) == DATA[base + step * 4096 :][:4096]
    assert len(fetched.ranges) == KEPT


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
