"""A circuit for each vendor app: after several failures in a row nobody calls for a while, and then one failure is
enough to wait again. Shared by all workers, in the cache; without the cache it stays closed.
"""

import logging
import random
from typing import Final

from django.core.cache import cache
from redis import RedisError

from wearlink.lib.valkey.cache import count_up

MAX_FAILURES: Final = 5
FIRST_PAUSE: Final = 30.0
MAX_PAUSE: Final = 900.0
FORGET_AFTER: Final = 1800
logger = logging.getLogger(__name__)


def open_until(name: str) -> float:
    """Return until when (epoch seconds) nobody should call; 0 if calls may be made."""
    try:
        return float(cache.get(f"circuit:{name}:until") or 0.0)
    except RedisError:
        return 0.0


def record_failure(name: str, now: float) -> None:
    """Count a failure; the fifth in a row opens the circuit, and each one after that for twice as long."""
    try:
        count = count_up(f"circuit:{name}:failures", FORGET_AFTER)
        if count >= MAX_FAILURES:
            pause = min(FIRST_PAUSE * 2 ** (count - MAX_FAILURES), MAX_PAUSE) * random.uniform(0.8, 1.2)
            cache.set(f"circuit:{name}:until", now + pause, int(pause) + 1)
            logger.warning("Circuit of %s opened for %.0f s after %s failures", name, pause, count)
    except (RedisError, ValueError) as error:
        logger.warning("A vendor's failure was not counted: %s", type(error).__name__)


def record_success(name: str) -> None:
    """Record a call that came through, and forget all failures."""
    try:
        cache.delete_many([f"circuit:{name}:failures", f"circuit:{name}:until"])
    except RedisError as error:
        logger.warning("A vendor's recovery was not noted: %s", type(error).__name__)
