"""Wrong passwords by account and network address: an address that has used up its guesses waits, ever longer.

Failures of an address that waits do not lock the account again, so a stranger shuts its owner out once and then not
for a long time. A new password begins a new count, since the token version is part of the name.
"""

import hashlib
from typing import Final

import redis
from django.core.cache import cache

from accounts.models.developer import fold_email
from wearlink.lib.errors import Unavailable
from wearlink.lib.valkey.cache import count_up

MAX_GUESSES: Final = 10
FIRST_WAIT: Final = 15 * 60
MAX_WAIT_SECONDS: Final = 86_400


class Guesses:
    """The failures of one address on one account; one that does not exist is counted alike."""

    def __init__(self, email: str, address: str, token_version: int) -> None:
        text = f"{fold_email(email)}|{address}|{token_version}"
        self._name = f"guesses:{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    def are_stopped(self) -> bool:
        """Return whether this address has to wait. Raises Unavailable."""
        try:
            return cache.get(f"{self._name}:wait") is not None
        except redis.RedisError as error:
            raise _uncounted() from error

    def add(self) -> None:
        """Count a failure: after ten the address waits 15 minutes, after ten more 30, up to a day."""
        try:
            count = count_up(self._name, 2 * MAX_WAIT_SECONDS)
            if count % MAX_GUESSES == 0:
                cache.set(f"{self._name}:wait", 1, wait_after(count))
        except (redis.RedisError, ValueError) as error:
            raise _uncounted() from error


def wait_after(failures: int) -> int:
    """Return seconds; doubles with every ten failures."""
    return min(FIRST_WAIT << min(failures // MAX_GUESSES - 1, 10), MAX_WAIT_SECONDS)


def _uncounted() -> Unavailable:
    return Unavailable("Sign-in is not possible at the moment. Please try again.")
