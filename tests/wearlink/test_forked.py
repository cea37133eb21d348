"""Generators in a process of their own: the same items, errors in their turn, and nothing that outlives its parent."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.contract import RefusedFile
from wearlink.lib.errors import WearLinkError
from wearlink.lib.storage import ObjectChanged, StoreUnavailable
from wearlink.lib.work import forked as forking
from wearlink.lib.work.ahead import made_ahead
from wearlink.lib.work.forked import ProcessEnded, forked

NAME = "test-reader"


def children() -> list[int]:
    """Return our processes that read something."""
    pids = map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
    return [pid for pid in pids if Path(f"/proc/{pid}/comm").read_text().strip() == NAME]


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert children() == []


def numbers(count: int) -> Iterator[tuple[int, int]]:
    for number in range(count):
        yield number, os.getpid()


def test_items_come_in_order_from_another_process() -> None:
    with forked(NAME, lambda: numbers(5_000)) as items:
        found = list(items)
    assert [number for number, _ in found] == list(range(5_000))
    assert {pid for _, pid in found} - {os.getpid()}


def test_large_items_come_whole() -> None:
    blocks = [os.urandom(3_000_000), b"", bytes(5)]
    with forked(NAME, lambda: iter(blocks)) as items:
        assert list(items) == blocks


@pytest.mark.parametrize(
    "error",
    [
        RefusedFile("zip_bomb", "The archive expands more than 100 times."),
        StoreUnavailable("The object store does not answer."),
        ObjectChanged("The object was replaced."),
        WearLinkError("So it is.", code="so"),
        ValueError("no number"),
    ],
)
def test_what_is_raised_there_is_raised_here_after_what_came_before(error: Exception) -> None:
    def produce() -> Iterator[int]:
        yield 1
        raise error

    with forked(NAME, produce) as items:
        assert next(items) == 1
        with pytest.raises(type(error), match=str(error)) as raised:
            next(items)
    assert getattr(raised.value, "code", None) == getattr(error, "code", None)


def test_an_error_that_cannot_be_sent_and_a_process_that_is_killed_end_it() -> None:
    def unsendable() -> Iterator[int]:
        yield 1
        raise ValueError(lambda: None)

    def killed() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)

    for produce in (unsendable, killed):
        with forked(NAME, produce) as items:
            assert next(items) == 1
            with pytest.raises(ProcessEnded):
                next(items)


def test_it_is_only_so_far_ahead_and_ends_with_the_block(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(forking, "AHEAD_BYTES", 3_000_000)
    made = tmp_path / "made"

    def produce() -> Iterator[bytes]:
        for number in range(1_000):
            made.write_text(str(number))
            yield bytes(1_000_000)

    with forked(NAME, produce) as items:
        next(items)
        time.sleep(0.5)
        assert int(made.read_text()) < 10
        assert len(children()) == 1


def test_signals_for_us_are_not_handled_there() -> None:
    def produce() -> Iterator[object]:
        yield signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        yield signal.getsignal(signal.SIGINT) is signal.SIG_IGN

    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with forked(NAME, produce) as items:
            assert list(items) == [True, True]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_it_dies_with_its_parent() -> None:
    program = textwrap.dedent(
        f"""
        import itertools, time
        from wearlink.lib.work.forked import forked
        with forked({NAME!r}, lambda: itertools.count()) as items:
            print(next(items), flush=True)
            time.sleep(60)
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"0\n"
    (reader,) = map(int, Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30  # of sixty that it would sleep
    while Path(f"/proc/{reader}").exists():
        assert time.monotonic() < deadline, "the reader outlives its parent"
        time.sleep(0.01)


class TestAhead:
    """Items made by a thread."""

    def test_they_are_the_same_and_errors_come_in_turn(self) -> None:
        def produce() -> Iterator[int]:
            yield from range(100)
            raise ValueError("broken")

        items = made_ahead(produce(), 3)
        assert [next(items) for _ in range(100)] == list(range(100))
        with pytest.raises(ValueError, match="broken"):
            next(items)
        assert list(made_ahead(iter([]), 1)) == []

    def test_so_many_are_made_and_no_more(self) -> None:
        made: list[int] = []

        def produce() -> Iterator[int]:
            for number in range(20):
                made.append(number)
                yield number

        items = made_ahead(produce(), 2)
        assert next(items) == 0
        time.sleep(0.1)
        assert len(made) <= 4
        assert list(items) == list(range(1, 20))
