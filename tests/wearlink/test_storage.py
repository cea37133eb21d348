"""Objects, in a directory and in a bucket: the same promises."""

import io
import os
import random
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from pytest_django import Settings

from tests import s3
from wearlink.lib import storage


@pytest.fixture(scope="module")
def seaweed() -> Iterator[s3.S3]:
    with s3.server() as running:
        yield running


@pytest.fixture
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.OBJECTS_DIR = tmp_path / "objects"
    return tmp_path / "objects"


@pytest.fixture(params=["directory", pytest.param("bucket", marks=[pytest.mark.s3, pytest.mark.slow])])
def store(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Each test that takes this runs on both stores."""
    if request.param == "directory":
        request.getfixturevalue("directory")
        return "directory"
    running: s3.S3 = request.getfixturevalue("seaweed")
    settings.S3_BUCKET, settings.S3_ENDPOINT_URL = running.bucket, running.endpoint
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = s3.ACCESS_KEY, s3.SECRET_KEY
    return "bucket"


def test_what_is_put_is_got_replaced_and_deleted(store: str) -> None:
    storage.check()
    storage.put("payloads/7/a.json", b"one")
    storage.put("payloads/7/a.json", b"two")
    assert storage.get("payloads/7/a.json") == b"two"
    with storage.open("payloads/7/a.json") as file:
        assert file.read(1) == b"t"
    assert storage.exists("payloads/7/a.json")
    storage.delete("payloads/7/a.json")
    storage.delete("payloads/7/a.json")
    assert not storage.exists("payloads/7/a.json")


def test_what_is_there_is_told_by_size_and_by_a_word_that_changes_with_it(store: str) -> None:
    assert storage.look_up("imports/1") is None
    storage.put("imports/1", b"0123456789")
    first = storage.look_up("imports/1")
    assert first is not None
    assert first.size == 10
    with storage.open("imports/1", first.version) as file:
        assert file.read() == b"0123456789"
    storage.put("imports/1", b"9876543210")
    second = storage.look_up("imports/1")
    assert second is not None
    assert second.version != first.version
    with pytest.raises(storage.ObjectChanged):
        storage.open("imports/1", first.version)


def test_a_large_object_is_a_file_to_seek_in(store: str) -> None:
    data = random.Random(7).randbytes(3 * 1024 * 1024)
    storage.put("large", data)
    dice, plain = random.Random(8), io.BytesIO(data)
    with storage.open("large") as file:
        assert file.seek(-4, io.SEEK_END) == len(data) - 4
        assert file.read(100) == data[-4:]
        for _ in range(60):
            place, length = dice.randrange(len(data)), dice.choice((1, 300, 70_000, 900_000))
            plain.seek(place)
            file.seek(place)
            assert file.read(length) == plain.read(length)
        file.seek(0)
        assert file.read() == data
        assert file.read(1) == b""


def test_an_object_that_is_replaced_while_it_is_read_is_never_mixed(store: str) -> None:
    storage.put("large", b"a" * 2_000_000)
    with storage.open("large") as file:
        assert file.read(1) == b"a"
        storage.put("large", b"b" * 2_000_000)
        try:
            rest = file.read()
        except storage.ObjectChanged:
            return
    assert set(rest) == {ord("a")}


def test_a_missing_object_is_told_apart_from_a_missing_store(store: str) -> None:
    with pytest.raises(storage.ObjectMissing):
        storage.get("payloads/never")


def test_a_megabyte_comes_back_as_it_was(store: str) -> None:
    data = os.urandom(9 * 1024 * 1024)
    storage.put("big", data)
    assert storage.get("big") == data


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "a\x00b"])
def test_a_key_that_could_lead_elsewhere_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not an object key"):
        storage.put(key, b"")


def test_files_are_for_our_own_eyes_and_nothing_half_written_stays(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put("a/b", b"kept")
    assert stat.S_IMODE((directory / "a/b").stat().st_mode) == 0o600

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(storage.StoreUnavailable, match="No space left"):
        storage.put("a/b", b"lost")
    monkeypatch.undo()
    assert storage.get("a/b") == b"kept"
    assert [path.name for path in (directory / "a").iterdir()] == ["b"]


def test_a_directory_that_cannot_be_made_makes_the_store_unavailable(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.OBJECTS_DIR = tmp_path / "file" / "objects"
    with pytest.raises(storage.StoreUnavailable):
        storage.check()
    with pytest.raises(storage.StoreUnavailable):
        storage.put("a", b"")


def test_a_bucket_that_does_not_answer_makes_the_store_unavailable(settings: Settings) -> None:
    settings.S3_BUCKET, settings.S3_ENDPOINT_URL = "nowhere", "http://127.0.0.1:1"
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = "a", "b"
    for call in (storage.check, lambda: storage.put("a", b""), lambda: storage.get("a"), lambda: storage.exists("a")):
        with pytest.raises(storage.StoreUnavailable):
            call()


class Listener(BaseHTTPRequestHandler):
    """Takes whatever is put and remembers what was asked about it."""

    asked: ClassVar[list[str | None]] = []

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(self.headers["x-amz-server-side-encryption"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def test_the_store_is_asked_to_encrypt_where_that_is_set(settings: Settings) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.S3_BUCKET, settings.S3_ENDPOINT_URL = "encrypting", f"http://127.0.0.1:{server.server_port}"
        settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = "a", "b"
        storage.put("a", b"of somebody")
        settings.S3_ENCRYPTION = "AES256"
        storage.put("a", b"of somebody")
        storage.put_file("a", io.BytesIO(b"of somebody"))
        server.shutdown()
    assert Listener.asked == [None, "AES256", "AES256"]


class BreaksOff(BaseHTTPRequestHandler):
    """A bucket with one object, of which each answer but the last brings half of what was asked for."""

    content: ClassVar[bytes] = random.Random(5).randbytes(100_000)
    asked: ClassVar[list[int]] = []
    whole_after: ClassVar[int] = 2

    def do_HEAD(self) -> None:
        self._begin(200, len(self.content))

    def do_GET(self) -> None:
        first, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        self._begin(206, last + 1 - first)
        self.asked.append(first)
        end = last + 1 if len(self.asked) > self.whole_after else (first + last) // 2
        self.wfile.write(self.content[first:end])
        self.close_connection = True

    def _begin(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.send_header("ETag", '"one"')
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def breaking(settings: Settings) -> Iterator[type[BreaksOff]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), BreaksOff) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.S3_BUCKET, settings.S3_ENDPOINT_URL = "breaking", f"http://127.0.0.1:{server.server_port}"
        settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = "a", "b"
        BreaksOff.asked.clear()
        yield BreaksOff
        server.shutdown()


def test_a_file_whose_bytes_break_off_is_asked_for_again_from_there(breaking: type[BreaksOff]) -> None:
    with storage.open("a") as file:
        assert file.read() == breaking.content
    assert breaking.asked == sorted(set(breaking.asked))
    assert len(breaking.asked) == breaking.whole_after + 1


def test_a_file_that_breaks_off_at_every_try_is_an_outage(
    breaking: type[BreaksOff], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaking, "whole_after", 100)
    monkeypatch.setattr(breaking, "content", b"x" * 10)
    with pytest.raises(storage.StoreUnavailable), storage.open("a") as file:
        file.read()
