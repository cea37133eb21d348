"""The little we ask the Redis or Valkey server itself: is it there, and how long are the queues?"""

from functools import cache

import redis

BrokerError = redis.RedisError
TIMEOUT = 2.0


def ping(url: str) -> None:
    """Wait until the server answers; raises BrokerError."""
    _client(url).ping()


def depths(url: str, queues: tuple[str, ...]) -> dict[str, int]:
    """Return how many messages wait in each queue; raises BrokerError. Messages being worked on are not counted."""
    pipeline = _client(url).pipeline(transaction=False)
    for queue in queues:
        pipeline.llen(queue)
    return dict(zip(queues, pipeline.execute(), strict=True))


def state(url: str) -> dict[str, int | float | str]:
    """Return what the server says of itself; memory in bytes, uptime in seconds. Raises BrokerError."""
    facts = _client(url).info()
    return {
        "version": str(facts.get("valkey_version") or facts.get("redis_version") or ""),
        "used_memory_bytes": int(facts.get("used_memory", 0)),
        "max_memory_bytes": int(facts.get("maxmemory", 0)),
        "connected_clients": int(facts.get("connected_clients", 0)),
        "evicted_keys": int(facts.get("evicted_keys", 0)),
        "uptime_seconds": int(facts.get("uptime_in_seconds", 0)),
    }


@cache
def _client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
