"""The vendors' limits, kept together by all workers: every call is taken from a shared count before it is made.

The counts lie in Valkey, one hash a limit: what is left, when the window ends, how much it holds, how many calls are
on their way. What a vendor's answer says can only lower what is left of the same window, so that two workers that take
at the same time cannot both have the last call. Work in the background leaves a tenth for what somebody waits for.

Where a vendor does not tell when its windows begin, ours would begin elsewhere, and the end of one and the beginning of
the next would together be too much for one of the vendor's. So calls are also counted in tenths of a window, and eleven
tenths in a row never hold more than one window may.

While Valkey is down nothing is counted: no worker runs then anyway.
"""

import logging
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import redis
from django.conf import settings
from redis.commands.core import Script

from providers.contract import Allowance, Quota

RESERVE: Final = 0.1
SLACK: Final = 2.0  # seconds by which the end of one window may be told differently
logger = logging.getLogger(__name__)

# KEYS: limits known. ARGV: now, reserve. Answers 0 and takes one of each, or the moment when there is room again.
_TAKE: Final = """
local now, reserve, wait = tonumber(ARGV[1]), tonumber(ARGV[2]), 0
local function recent(key, tenth)
    local used, oldest, found = 0, tenth, redis.call('HGETALL', key)
    for i = 1, #found, 2 do
        local number = tonumber(string.match(found[i], '^tenth:(%d+)$'))
        if number and number < tenth - 10 then
            redis.call('HDEL', key, found[i])
        elseif number then
            used, oldest = used + tonumber(found[i + 1]), math.min(oldest, number)
        end
    end
    return used, oldest
end
for i, key in ipairs(KEYS) do
    local left, resets, limit = unpack(redis.call('HMGET', key, 'left', 'resets', 'limit'))
    if left then
        left, resets, limit = tonumber(left), tonumber(resets), tonumber(limit)
        if now >= resets then
            local seconds = tonumber(redis.call('HGET', key, 'seconds') or '0')
            if seconds > 0 then
                redis.call('HSET', key, 'left', limit, 'resets', now + seconds)
                left = limit
            else
                redis.call('DEL', key)
                left = nil
            end
        end
        if left and left <= math.floor(limit * reserve) and resets > now then
            wait = math.max(wait, resets)
        end
        local seconds, told = unpack(redis.call('HMGET', key, 'seconds', 'told'))
        if left and seconds and not told then
            local width = seconds / 10
            local used, oldest = recent(key, math.floor(now / width))
            if used >= limit - math.floor(limit * reserve) then wait = math.max(wait, (oldest + 11) * width) end
        end
    end
end
if wait > 0 then return tostring(wait) end
for i, key in ipairs(KEYS) do
    if redis.call('EXISTS', key) == 1 then
        redis.call('HINCRBY', key, 'left', -1)
        redis.call('HINCRBY', key, 'flying', 1)
        local seconds = redis.call('HGET', key, 'seconds')
        if seconds then
            redis.call('HINCRBY', key, string.format('tenth:%d', math.floor(now * 10 / seconds)), 1)
            redis.call('EXPIRE', key, seconds * 4)
        end
    end
end
return '0'
"""
# KEYS: one limit. ARGV: now, limit, remaining, resets, slack, seconds to keep. Answers that tell while calls are left
# tell where the windows are.
_TELL: Final = """
local now, limit, remaining = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local resets, slack = tonumber(ARGV[4]), tonumber(ARGV[5])
local left, known = unpack(redis.call('HMGET', KEYS[1], 'left', 'resets'))
local flying = tonumber(redis.call('HGET', KEYS[1], 'flying') or '0')
flying = math.max(math.min(flying - 1, 8), 0)
if left and math.abs(tonumber(known) - resets) <= slack then
    left = math.min(tonumber(left), remaining)
    resets = math.max(tonumber(known), resets)
elseif left and tonumber(known) > resets then
    return 0
else
    left = remaining - flying
end
redis.call('HSET', KEYS[1], 'left', left, 'resets', tostring(resets), 'limit', limit)
if remaining > 0 then redis.call('HSET', KEYS[1], 'told', 1) end
redis.call('EXPIRE', KEYS[1], math.max(ARGV[6], (redis.call('HGET', KEYS[1], 'seconds') or 0) * 4))
return 1
"""
# KEYS: limits known. A call of theirs is over, however it ended.
_LAND: Final = """
for i, key in ipairs(KEYS) do
    local flying = tonumber(redis.call('HGET', key, 'flying') or '0')
    if flying > 0 then redis.call('HSET', key, 'flying', math.min(flying - 1, 8)) end
end
return 1
"""
# KEYS: one allowance. ARGV: now, calls, seconds. Opens its window if nothing is known.
_OPEN: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('HSET', KEYS[1], 'left', ARGV[2], 'limit', ARGV[2], 'seconds', ARGV[3],
               'resets', tostring(tonumber(ARGV[1]) + tonumber(ARGV[3])))
    redis.call('EXPIRE', KEYS[1], ARGV[3] * 4)
end
return 1
"""


class RateLimiter:
    """The limits of one app at one vendor."""

    def __init__(self, slug: str, app: str, allowances: Sequence[Allowance] = ()) -> None:
        self.prefix = f"vendor:{slug}:{app}:"
        self.allowances = allowances

    def acquire(self, account: str, now: float, *, background: bool) -> float:
        """Take one call: 0, or the moment (epoch seconds) at which there is room again."""
        try:
            for allowance in self.allowances:
                key = self._key(allowance.name, account if allowance.per_user else "")
                self._register(key, account if allowance.per_user else "")
                _script(_OPEN)(keys=[key], args=[now, allowance.calls, allowance.seconds])
            names = self._names(account)
            reserve = RESERVE if background else 0
            return float(_script(_TAKE)(keys=names, args=[now, reserve])) if names else 0.0
        except redis.RedisError as error:
            logger.warning("Vendor limits are not kept: Valkey does not answer (%s).", type(error).__name__)
            return 0.0

    def update_from_headers(self, quotas: Sequence[Quota], account: str, now: float) -> None:
        """A call is over: remember what its answer said, if there was one."""
        try:
            for quota in quotas:
                whose = account if quota.per_user else ""
                key = self._key(quota.name, whose)
                self._register(key, whose)
                keep = math.ceil(max(quota.resets_at - now, 0)) + 60
                _script(_TELL)(keys=[key], args=[now, quota.limit, quota.remaining, quota.resets_at, SLACK, keep])
            if names := self._names(account):
                _script(_LAND)(keys=names)
        except redis.RedisError as error:
            logger.warning("Vendor limits are not kept: Valkey does not answer (%s).", type(error).__name__)

    def current_quotas(self, account: str = "") -> list[Quota]:
        """The limits as known now, for people to read."""
        try:
            found = [(name, _numbers(_client().hgetall(name))) for name in self._names(account)]
        except redis.RedisError:
            return []
        return [
            Quota(name.removeprefix(self.prefix + "q:").partition(":")[0], int(values["limit"]),
                  max(int(values["left"]), 0), values["resets"], not name.endswith(":"))
            for name, values in found if "left" in values
        ]  # fmt: skip

    def _names(self, account: str) -> list[str]:
        """The keys of the limits known, those of the app and those of the account."""
        names: Any = _client().sunion([self.prefix + "names:", self.prefix + "names:" + account])
        return sorted(name.decode() for name in names)

    def _key(self, name: str, account: str) -> str:
        return f"{self.prefix}q:{name}:{account}"

    def _register(self, key: str, account: str) -> None:
        names = self.prefix + "names:" + account
        pipeline = _client().pipeline(transaction=False)
        pipeline.sadd(names, key)
        pipeline.expire(names, 2 * 86_400)
        pipeline.execute()


def _numbers(values: Any) -> dict[str, float]:
    return {name.decode(): float(value) for name, value in values.items()}


@lru_cache(maxsize=1)
def _client() -> "redis.Redis":
    location = str(settings.CACHES["default"]["LOCATION"])
    return redis.Redis.from_url(location, socket_timeout=1.0, socket_connect_timeout=1.0)


@lru_cache(maxsize=8)
def _script(text: str) -> Script:
    return _client().register_script(text)
