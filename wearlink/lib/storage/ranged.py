"""A file that lies elsewhere and is fetched by ranges: what is read on and on comes in ever larger blocks."""

import io
from collections import deque
from collections.abc import Callable
from typing import Any, Final

FIRST: Final = 256 * 1024  # after a jump: perhaps only a few bytes are wanted
MAX_BLOCK_BYTES: Final = 2 * 1024 * 1024
KEPT: Final = 2  # blocks: an archive is read at two places in turn


class RangedFile(io.RawIOBase):
    """`fetch(first, end)` gives the bytes of [first, end), all of them, or raises."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        self._size = size
        self._fetch = fetch
        self._place = 0
        self._ahead = FIRST
        self._blocks: deque[tuple[int, bytes]] = deque(maxlen=KEPT)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position as in any file; costs nothing."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("a place before the beginning")
        self._place = start + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Return what one block has of it."""
        if self._place >= self._size:
            return 0
        start, block = self._block()
        begin = self._place - start
        found = memoryview(block)[begin : begin + len(buffer)]
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)

    def _block(self) -> tuple[int, bytes]:
        """Return the block that holds the next byte."""
        for kept in self._blocks:
            if kept[0] <= self._place < kept[0] + len(kept[1]):
                return kept
        follows = any(start + len(block) == self._place for start, block in self._blocks)
        self._ahead = min(self._ahead * 2, MAX_BLOCK_BYTES) if follows else FIRST
        end = min(self._place + self._ahead, self._size)
        made = self._place, self._fetch(self._place, end)
        self._blocks.append(made)
        return made
