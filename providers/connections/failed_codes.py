"""Codes that no vendor knows: each costs a call of a limit that all organizations share, and whoever has a connect
link can make them up. So of one end user, and of one organization, only so many may fail within an hour.
"""

import logging
from collections.abc import Iterator
from typing import Final

from django.core.cache import cache
from redis import RedisError

from providers.connections.oauth import AuthorizationRequest
from wearlink.lib.valkey.cache import count_up

HOUR: Final = 3600
OF_USER, OF_ORGANIZATION = 10, 100
logger = logging.getLogger(__name__)


def may_try(request: AuthorizationRequest) -> bool:
    """Return whether another code may be sent to the vendor; without the cache nothing is bounded."""
    try:
        return all(int(cache.get(key, 0)) < bound for key, bound in _counters(request))
    except RedisError as error:
        logger.warning("Codes that fail are not counted: %s", type(error).__name__)
        return True


def count(request: AuthorizationRequest) -> None:
    try:
        for key, _ in _counters(request):
            count_up(key, HOUR)
    except (RedisError, ValueError) as error:  # a ValueError where the hour ended between the two
        logger.warning("A code that failed is not counted: %s", type(error).__name__)


def _counters(request: AuthorizationRequest) -> Iterator[tuple[str, int]]:
    yield f"failed-codes:user:{request.user_key}", OF_USER
    yield f"failed-codes:organization:{request.organization_id}", OF_ORGANIZATION
