"""Rows that nearly every request needs, kept in this process until somebody says that they have changed.

    _rows = Remembered[ApiKey]("key", seconds=30)
    row, count = _rows.get(digest, read, bucket=bucket_of)     # read() asks the database
    _rows.forget([digest])                                     # after the commit of the change

Forgetting puts a new stamp into Valkey. The stamp a row was read under is kept beside it, and is compared with the one
in Valkey at every use, in the trip that counts the call anyway; so a revoked key is dead everywhere at once. The stamp
is looked up before the row is read, so a reader who was under way during the change keeps a row that nobody will use.
A stamp outlives every row read before it. Rows read before a connection to Valkey broke are not used, since stamps may
have been lost with the server; without Valkey every use is a query.

The rows are shared by all threads: to change one, read a copy.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from wearlink.lib import valkey
from wearlink.lib.valkey import Script, ratelimit
from wearlink.lib.valkey.ratelimit import Count

Row = TypeVar("Row")
MAX_ENTRIES: Final = 10_000

_MARK: Final = Script.beside(__file__, "mark.lua")


@dataclass(frozen=True, slots=True)
class Kept(Generic[Row]):
    """A row, the stamp and the epoch it was read under, and until when (monotonic seconds) it may be used."""

    row: Row
    stamp: bytes
    epoch: int
    until: float


class Remembered(Generic[Row]):
    """Rows of one kind by a text that names them."""

    def __init__(self, kind: str, seconds: int) -> None:
        self.kind = kind
        self.seconds = seconds
        self._kept: dict[str, Kept[Row]] = {}

    def get(
        self, name: str, read: Callable[[], Row | None], *, bucket: Callable[[Row], str] | None = None
    ) -> tuple[Row | None, Count | None]:
        """Return the row, or None where there is none; and the count of this call, if the row was known and `bucket`
        names the counter of its calls.
        """
        kept = self._kept.get(name)
        if kept is not None and kept.until < time.monotonic():
            kept = None
        seen = ratelimit.count(bucket(kept.row) if kept and bucket else "", self._stamp(name))
        if seen is None:
            return read(), None
        count = seen if kept and bucket else None
        if kept is not None and (kept.stamp, kept.epoch) == (seen.stamp, seen.epoch):
            return kept.row, count
        row = read()
        self._keep(name, row, seen)
        return row, count

    def forget(self, names: Iterable[str]) -> None:
        """Have no process use what it keeps under these names. Call it after the commit. Raises redis.RedisError."""
        stamps = [self._stamp(name) for name in names]
        if stamps:
            valkey.run(_MARK, stamps, secrets.token_hex(8), 2 * self.seconds)

    def clear(self) -> None:
        """Forget everything that this process keeps."""
        self._kept.clear()

    def _keep(self, name: str, row: Row | None, seen: Count) -> None:
        if row is None:
            self._kept.pop(name, None)
            return
        if len(self._kept) >= MAX_ENTRIES:
            self._kept.clear()
        self._kept[name] = Kept(row, seen.stamp, seen.epoch, time.monotonic() + self.seconds)

    def _stamp(self, name: str) -> str:
        return f"stamp:{self.kind}:{name}"
