"""Whether a worker has been told already that there is something to do, so that it is told once and not each time.

    told = Told("payloads", seconds=5)
    if told.first(user_key): publish()        # after the commit of the row
    told.heard(user_key)                      # the worker, before it looks for rows

Whoever commits a row and finds the mark set knows of a worker that has not looked yet. A mark that is lost, or whose
message is, ends by itself; meanwhile the sweeper finds the rows.
"""

import logging
from typing import Final

import redis

from wearlink.lib import valkey
from wearlink.lib.valkey import Script

logger = logging.getLogger(__name__)

_SET: Final = Script("return redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) and 1 or 0")
_CLEAR: Final = Script("return redis.call('DEL', KEYS[1])")


class Told:
    """Marks of one kind of work, by what the work is for."""

    def __init__(self, kind: str, *, seconds: int) -> None:
        self.kind = kind
        self.seconds = seconds

    def first(self, name: object) -> bool:
        """Set the mark; False where it stood already. Without Valkey everybody is the first."""
        try:
            return bool(valkey.run(_SET, [self._key(name)], self.seconds))
        except redis.RedisError:
            return True

    def heard(self, name: object) -> None:
        """Take the mark away: what is committed from here on needs a message of its own."""
        try:
            valkey.run(_CLEAR, [self._key(name)])
        except redis.RedisError as error:
            logger.warning("The cache does not answer: %s", type(error).__name__)

    def _key(self, name: object) -> str:
        return f"told:{self.kind}:{name}"
