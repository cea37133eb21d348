"""The parts of an erasure. Each app registers its own; erasing and summing up an end user walks them all."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.models import EndUser, UserZone

#: Rows that were deleted, by the label of their table, such as `providers.Payload`.
Rows = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ErasedUser:
    """The end user to erase. The row is locked and still there while parts are erased, and gone while slices are."""

    key: int
    id: UUID
    organization_id: UUID


@dataclass(frozen=True, slots=True)
class ErasurePart:
    """One kind of data about end users.

    ``erase`` deletes all of it, in the erasing transaction; ``summary`` describes what there is, by the end user's key.
    ``tables`` are the labels of the tables it empties, which a test compares with all tables there are.
    A part that may be large says so by ``is_large``; ``slice`` then deletes up to so many rows, in a transaction of its
    own, until it finds none.
    """

    name: str
    erase: Callable[[ErasedUser], Rows]
    tables: tuple[str, ...] = ()
    summary: Callable[[int], dict[str, Any]] | None = None
    is_large: Callable[[int], bool] | None = None
    slice: Callable[[ErasedUser, int], Rows] | None = None


class UserGone(Exception):
    """The end user was erased in the meantime."""


_PARTS: dict[str, ErasurePart] = {}


def register(part: ErasurePart) -> None:
    """Add a part; a second part of the same name replaces the first only if it is the same."""
    if _PARTS.setdefault(part.name, part) != part:
        raise ValueError(f"The part {part.name} is registered twice.")


def parts() -> tuple[ErasurePart, ...]:
    """Return every registered part, in the order of registration."""
    return tuple(_PARTS.values())


def part_of(name: str) -> ErasurePart:
    """Return the part of that name."""
    return _PARTS[name]


def summary(user_key: int) -> dict[str, dict[str, Any]]:
    """Return what every part that can tell holds of this end user, by the part's name."""
    return {part.name: part.summary(user_key) for part in parts() if part.summary is not None}


def deleted(*rows: "QuerySet[Any]") -> dict[str, int]:
    """Delete these rows and what hangs on them; returns how many, by table."""
    total: Counter[str] = Counter()
    for one in rows:
        total.update(one.delete()[1])
    return dict(total)


def lock_user(user_key: int) -> None:
    """Hold off an erasure of the user until the transaction ends. Raises UserGone if it came first."""
    table = connection.ops.quote_name(EndUser._meta.db_table)
    # Written out: `FOR KEY SHARE`, which the ORM lacks: two who store do not wait for each other.
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE key = %s FOR KEY SHARE", [user_key])  # noqa: S608 - our own name
        if cursor.fetchone() is None:
            raise UserGone


def _erase_zones(user: ErasedUser) -> Rows:
    return deleted(UserZone.objects.filter(user_key=user.key))


ZONES: Final = ErasurePart("zones", _erase_zones, ("accounts.UserZone",))
register(ZONES)
