"""ZIP archives written in parts: read by zipfile and by unzip, whatever their size."""

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from wearlink.lib.storage.zip_parts import MemberWriter, ZipEntry, directory

MEMBERS = (
    ("a/späte Suppe.txt", b"hello " * 5_000, True),
    ("photo.jpeg", bytes(range(256)), False),
    ("empty", b"", True),
)


def written(file: io.BytesIO, name: str, data: bytes, *, at: int, deflate: bool) -> ZipEntry:
    with MemberWriter(file, name, at=at, deflate=deflate) as member:
        for start in range(0, len(data), 1_000):
            member.write(data[start : start + 1_000])
    return member.entry


def archive() -> bytes:
    """Return each member written into a file of its own, as parts are."""
    parts, entries = [], []
    for name, data, deflate in MEMBERS:
        file = io.BytesIO()
        entries.append(written(file, name, data, at=sum(map(len, parts)), deflate=deflate))
        parts.append(file.getvalue())
        assert entries[-1].end == sum(map(len, parts))
    return b"".join([*parts, directory(entries, at=sum(map(len, parts)))])


def test_parts_one_behind_the_other_are_an_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(archive())) as found:
        assert found.testzip() is None
        assert [(name, found.read(name)) for name in found.namelist()] == [(name, data) for name, data, _ in MEMBERS]
        assert found.getinfo("photo.jpeg").compress_type == zipfile.ZIP_STORED


def test_unzip_reads_it_too(tmp_path: Path) -> None:
    path = tmp_path / "found.zip"
    path.write_bytes(archive())
    unzip = shutil.which("unzip")
    assert zipfile.is_zipfile(path)
    if unzip is not None:
        assert subprocess.run([unzip, "-t", path], capture_output=True, check=False).returncode == 0


def test_sizes_and_places_beyond_four_gigabytes_are_kept() -> None:
    """The file is not there, only what the directory says of it."""
    small = written(io.BytesIO(), "large", b"x", at=0, deflate=True)
    large = replace(small, size=5 * 2**32, packed=2**32, at=3)
    far = replace(small, name="far", at=2**32 + 1_000)
    end = directory([large, far, small], at=2**33)
    (large_info, far_info, small_info) = zipfile.ZipFile(_Far(end, 2**33)).infolist()
    assert (large_info.file_size, large_info.compress_size, large_info.header_offset) == (5 * 2**32, 2**32, 3)
    assert (far_info.file_size, far_info.header_offset) == (1, 2**32 + 1_000)
    assert (small_info.file_size, small_info.header_offset) == (1, 0)


def test_seventy_thousand_members_are_counted() -> None:
    one = written(io.BytesIO(), "n", b"", at=0, deflate=False)
    end = directory((replace(one, name=f"n{number}") for number in range(70_000)), at=2**33)
    assert len(zipfile.ZipFile(_Far(end, 2**33)).infolist()) == 70_000


def test_a_member_that_could_not_be_written_has_no_entry() -> None:
    writer = MemberWriter(io.BytesIO(), "broken", at=0)
    with pytest.raises(OSError, match="no room"), writer:
        raise OSError("no room")
    assert not hasattr(writer, "entry")


class _Far(io.RawIOBase):
    """A file of which only the end is there."""

    def __init__(self, end: bytes, at: int) -> None:
        self._end, self._at, self._place = end, at, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = offset + (0, self._place, self._at + len(self._end))[whence]
        return self._place

    def read(self, size: int = -1) -> bytes:
        start = self._place - self._at
        assert start >= 0
        data = self._end[start:] if size < 0 else self._end[start : start + size]
        self._place += len(data)
        return data
