"""The rows that the database shows: everybody's, or one organization's (row-level security behind each query's WHERE).

    with tenancy.organization(payload.organization_id, user_key=payload.user_key):
        ...                     # whatever a query forgets to say, PostgreSQL says it (wearlink.lib.postgres.walls)
    with tenancy.platform():
        ...                     # within it, for what lies between tenants; each use says why

The API's base view enters the caller's organization, so all views behind it are inside; sign-in, callbacks of vendors,
sweepers and administration work for the platform. The session is set with the next cursor, and only what is new to
its connection (wearlink.lib.postgres.base): a cursor that is open already keeps to what was said before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """organization: None for the platform. user_key: the end user all this is about; 0 where it is about several."""

    organization: UUID | None = None
    user_key: int = 0

    def serves(self, wanted: "Scope") -> bool:
        """Return whether who sees this sees neither less nor more than `wanted`.

        The end user only spares looks at whose a row is, so for several any of the same organization will do.
        """
        return self.organization == wanted.organization and wanted.user_key in (0, self.user_key)


PLATFORM: Final = Scope()
_current: ContextVar[Scope] = ContextVar("scope", default=PLATFORM)


def current() -> Scope:
    """Return what the next query may see."""
    return _current.get()


def enter(organization_id: UUID) -> None:
    """Show one organization's rows only, until the surrounding `kept` ends."""
    _current.set(Scope(organization_id))


def leave() -> None:
    """Show all rows, until the surrounding `kept` ends: for the platform's own people."""
    _current.set(PLATFORM)


def look_at(user_key: int) -> None:
    """Say which end user the rest is about: rows of this one need no further look at whose they are."""
    scope = _current.get()
    if scope.organization is not None:
        _current.set(replace(scope, user_key=user_key))


@contextmanager
def kept() -> Iterator[None]:
    """Restore the scope of before when the block ends."""
    before = _current.set(_current.get())
    try:
        yield
    finally:
        _current.reset(before)


@contextmanager
def organization(organization_id: UUID, *, user_key: int = 0) -> Iterator[None]:
    """Show the block one organization's rows only."""
    before = _current.set(Scope(organization_id, user_key))
    try:
        yield
    finally:
        _current.reset(before)


@contextmanager
def platform() -> Iterator[None]:
    """Show all rows within the block, for what cannot be asked within one organization."""
    before = _current.set(PLATFORM)
    try:
        yield
    finally:
        _current.reset(before)
