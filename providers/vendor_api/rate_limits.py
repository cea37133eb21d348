"""The vendors' limits, kept together by all workers: every call is taken from a shared count before it is made.

The counts lie in Valkey, one hash a limit; the scripts that change them are in lua/.

    left       calls that may still be made in the window (or days of data: whatever the vendor counts)
    resets     when the window ends, epoch seconds
    limit      calls a window holds
    in_flight  calls under way
    seconds    how long a window is, of a limit known beforehand (Allowance)
    reported   1 once the vendor has said where its windows are
    by_vendor  1 if the vendor itself said when this window ends
    tenth:N    calls in the N-th tenth of a window since the epoch

What a vendor's answer says can only lower what is left of the same window, so that two workers that take at the same
time cannot both have the last call. Work in the background leaves a tenth for what somebody waits for.

Where a vendor does not tell when its windows begin, ours would begin elsewhere, and the end of one and the beginning of
the next would together be too much for one of the vendor's. So calls are also counted in tenths of a window, and eleven
tenths in a row never hold more than one window may.

A 429 closes the limits of an app (or of one account, if that is what the vendor counts) for all workers until it says.

While Valkey is down nothing is counted: no worker runs then anyway.
"""

import logging
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import redis
from django.conf import settings
from redis.commands.core import Script

from providers.contract import Allowance, Quota
from wearlink.lib import valkey

RESERVE: Final = 0.1  # of a limit, left by work in the background to what somebody waits for
UNPROVEN_RESERVE: Final = 0.5  # … and by what nobody vouches for to everything else
SLACK: Final = 2.0  # seconds by which the end of one window may differ between answers
MAX_CLOSED_SECONDS: Final = 86_400
Cost = Callable[[str], int]
logger = logging.getLogger(__name__)


def one_call(_limit: str) -> int:
    """Count what is asked as one, whatever the limit."""
    return 1


class RateLimiter:
    """The limits of one app at one vendor."""

    def __init__(self, slug: str, app: str, allowances: Sequence[Allowance] = ()) -> None:
        self.prefix = f"vendor:{slug}:{app}:"
        self.allowances = allowances

    def acquire(self, account: str, now: float, *, reserve: float, cost: Cost = one_call) -> float:
        """Take one call and leave a share of each limit: 0, or the moment (epoch seconds) when there is room again.

        `cost`: how much the call uses up of the limit of a name. More than a limit holds waits for all of it.
        """
        try:
            closed = self.closed_until(account)
            if closed > now:
                return closed
            for allowance in self.allowances:
                key = self._key(allowance.name, account if allowance.per_user else "")
                self._register(key, account if allowance.per_user else "")
                _script("open_window")(keys=[key], args=[now, allowance.calls, allowance.seconds])
            names = self._limit_keys(account)
            if not names:
                return 0.0
            costs = [cost(self._name_of(key)) for key in names]
            return float(_script("acquire")(keys=names, args=[now, reserve, *costs]))
        except redis.RedisError as error:
            logger.warning("Vendor limits are not kept: Valkey does not answer (%s).", type(error).__name__)
            return 0.0

    def close(self, until: float, now: float, account: str = "") -> None:
        """Let nobody call before `until`, as the vendor has refused a call; with an account, nobody in its name."""
        try:
            seconds = math.ceil(min(max(until - now, 1), MAX_CLOSED_SECONDS))
            _client().set(self._closed(account), until, ex=seconds)
        except redis.RedisError as error:
            logger.warning("A vendor's limit cannot be shared with other processes (%s).", type(error).__name__)

    def closed_until(self, account: str) -> float:
        """Return until when the vendor wants no calls (epoch seconds); 0 where it did not say. Raises RedisError."""
        found: Any = _client().mget({self._closed(""), self._closed(account)})
        return max((float(value) for value in found if value is not None), default=0.0)

    def update_from_headers(self, quotas: Sequence[Quota], account: str, now: float) -> None:
        """Remember the quotas that a finished call's answer stated, if there was an answer."""
        try:
            for quota in quotas:
                whose = account if quota.per_user else ""
                key = self._key(quota.name, whose)
                self._register(key, whose)
                keep = math.ceil(max(quota.resets_at - now, 0)) + 60
                _script("update")(keys=[key], args=[now, quota.limit, quota.remaining, quota.resets_at, SLACK, keep])
            if names := self._limit_keys(account):
                _script("finish")(keys=names)
        except redis.RedisError as error:
            logger.warning("Vendor limits are not kept: Valkey does not answer (%s).", type(error).__name__)

    def current_quotas(self, account: str = "") -> list[Quota]:
        """Return the limits as known now, for people to read."""
        try:
            found = [(name, _numbers(_client().hgetall(name))) for name in self._limit_keys(account)]
        except redis.RedisError:
            return []
        return [
            Quota(self._name_of(name), int(values["limit"]),
                  max(int(values["left"]), 0), values["resets"], not name.endswith(":"))
            for name, values in found if "left" in values
        ]  # fmt: skip

    def _limit_keys(self, account: str) -> list[str]:
        """Return the keys of the limits known, those of the app and those of the account."""
        names: Any = _client().sunion([self.prefix + "names:", self.prefix + "names:" + account])
        return sorted(name.decode() for name in names)

    def _name_of(self, key: str) -> str:
        return key.removeprefix(self.prefix + "q:").partition(":")[0]

    def _key(self, name: str, account: str) -> str:
        return f"{self.prefix}q:{name}:{account}"

    def _closed(self, account: str) -> str:
        return f"{self.prefix}closed:{account}"

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
def _script(name: str) -> Script:
    return _client().register_script(valkey.Script.beside(__file__, f"lua/{name}.lua").text)
