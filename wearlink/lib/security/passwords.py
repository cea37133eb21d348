"""Hashing of passwords: argon2id at a cost of about 100 ms."""

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id with memory and passes from the settings and one lane, as a web worker has one core for it.

    A hash that was made at another cost is renewed at the next sign-in.
    """

    parallelism = 1

    @property
    def memory_cost(self) -> int:  # type: ignore[override]
        """The memory that hashing takes, in KiB."""
        return int(settings.ARGON2_MEMORY_KIB)

    @property
    def time_cost(self) -> int:  # type: ignore[override]
        return int(settings.ARGON2_TIME_COST)
