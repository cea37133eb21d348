"""The registry of event types. Apps to the right register theirs in AppConfig.ready().

    register([EventType("workout.created", "A workout was stored.", Level.SESSION, "workout", schema, example)])

A name is for ever: customers subscribe by it.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
MAX_NAME_LENGTH = 128


class Level(StrEnum):
    """The granularity of an event. One batch of a series makes a group and a granular event."""

    SESSION = "session"  # a session or a change of state
    GROUP = "group"  # samples of any series of a group
    GRANULAR = "granular"  # samples of one series


@dataclass(frozen=True, slots=True)
class EventType:
    """One thing that may be subscribed to. schema and example are of the event's `data`.

    A sensitive type reaches only endpoints that name it (or, for a whole sensitive group, its wildcard).
    """

    name: str
    description: str
    level: Level
    group: str
    schema: Mapping[str, Any]
    example: Mapping[str, Any]
    sensitive: bool = False


_TYPES: dict[str, EventType] = {}


def register(types: Iterable[EventType]) -> None:
    """Add event types. A second registration of a name is fine only if it says the same."""
    for one in types:
        if not NAME.fullmatch(one.name) or len(one.name) > MAX_NAME_LENGTH:
            raise ValueError(f"{one.name!r} is not a name of an event type.")
        if _TYPES.setdefault(one.name, one) != one:
            raise ValueError(f"The event type {one.name} is registered twice.")
    _digest.cache_clear()


def find(name: str) -> EventType | None:
    """Return the type of that name."""
    return _TYPES.get(name)


def every() -> tuple[EventType, ...]:
    """Return all types: sessions and changes of state first, then groups, then single series."""
    ranks = {level: rank for rank, level in enumerate(Level)}
    return tuple(sorted(_TYPES.values(), key=lambda one: (ranks[one.level], one.name)))


def digest() -> str:
    """Return a digest of names, groups and sensitivity, by which old expansions of filters are found."""
    return _digest()


@lru_cache(maxsize=1)
def _digest() -> str:
    lines = sorted(f"{one.name} {one.level} {one.group} {one.sensitive}" for one in _TYPES.values())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
