"""Django's Redis cache, with one client a thread instead of one a call: making a client costs more than asking.

Values are JSON. Django's own choice, pickle, would let anybody who can write into the cache run code in every process.
"""

from typing import Any

import orjson
from django.core.cache import cache
from django.core.cache.backends import redis


class JsonSerializer:
    """Plain values; whole numbers as the server itself counts them."""

    def dumps(self, value: Any) -> Any:
        """Raise TypeError for what is no plain value."""
        return value if type(value) is int else orjson.dumps(value)

    def loads(self, data: bytes) -> Any:
        """Raise ValueError for what is no JSON."""
        return orjson.loads(data)


def count_up(key: str, seconds: int) -> int:
    """Count one under a key that is forgotten so many seconds after the first.

    Raises RedisError, and ValueError where the key ended in the middle of it.
    """
    cache.add(key, 0, seconds)
    return int(cache.incr(key))


class KeptClient(redis.RedisCacheClient):
    """Keeps the client of each server."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the client that reads or writes."""
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # missing in the stubs
        if index not in self._clients:
            self._clients[index] = super().get_client(key, write=write)
        return self._clients[index]


class RedisCache(redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient
