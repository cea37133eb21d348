"""A file that lies elsewhere and is fetched by ranges: what is read on and on comes in ever larger ones, in pieces."""

import io
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

FIRST: Final = 256 * 1024  # after a jump: perhaps only a few bytes are wanted
MAX_RANGE_BYTES: Final = 64 * 1024 * 1024  # of one call; who reads on waits for few of them
PIECE: Final = 128 * 1024  # what the allocator keeps when it is freed (wearlink.lib.work.memory)
KEPT: Final = 4  # pieces: who looks for the end of an archive goes back and forth
OPEN: Final = 2  # ranges: an archive is read at two places in turn


class RangeBody(Protocol):
    """The bytes of one range, in their order."""

    def read(self, size: int) -> bytes:
        """Return the next bytes, `size` of them at most and none only at the end; raises if they cannot be had."""

    def close(self) -> None:
        """Let go of what was not read."""


class _OpenRange:
    """A range that is read from `place` to `end`."""

    def __init__(self, body: RangeBody, place: int, end: int) -> None:
        self.body = body
        self.place = place
        self.end = end


class RangedFile(io.RawIOBase):
    """`fetch(first, end)` gives the bytes of [first, end), all of them."""

    def __init__(self, size: int, fetch: Callable[[int, int], RangeBody]) -> None:
        self._size = size
        self._fetch = fetch
        self._place = 0
        self._ahead = FIRST
        self._pieces: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._open: list[_OpenRange] = []

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As any file's; costs nothing."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("a place before the beginning")
        self._place = start + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Return what one piece has of it."""
        if self._place >= self._size:
            return 0
        start, piece = self._piece()
        begin = self._place - start
        found = memoryview(piece)[begin : begin + len(buffer)]
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)

    def close(self) -> None:
        """Let go of the ranges, too."""
        while self._open:
            self._open.pop().body.close()
        super().close()

    def _piece(self) -> tuple[int, bytes]:
        """Return the piece that holds the next byte."""
        for kept in self._pieces:
            if kept[0] <= self._place < kept[0] + len(kept[1]):
                return kept
        source = self._range()
        made = self._place, source.body.read(min(PIECE, source.end - source.place))
        source.place += len(made[1])
        if source.place == source.end:
            self._open.remove(source)
            source.body.close()
        self._pieces.append(made)
        return made

    def _range(self) -> _OpenRange:
        """Return a range whose next byte is ours."""
        for found in self._open:
            if found.place == self._place:
                return found
        follows = any(start + len(piece) == self._place for start, piece in self._pieces)
        self._ahead = min(self._ahead * 2, MAX_RANGE_BYTES) if follows else FIRST
        end = min(self._place + self._ahead, self._size)
        if len(self._open) == OPEN:
            self._open.pop(0).body.close()
        made = _OpenRange(self._fetch(self._place, end), self._place, end)
        self._open.append(made)
        return made
