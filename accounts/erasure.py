"""What belongs to an end user. Each app registers its part; erasing and summing up an end user walks them all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from accounts import audit
from accounts.models import EndUser, Organization, UserZone


@dataclass(frozen=True, slots=True)
class ErasurePart:
    """One kind of data about end users. Both functions take the end user's key.

    ``erase`` removes it and returns how many rows went; ``summary`` describes what there is.
    """

    name: str
    erase: Callable[[int], int]
    summary: Callable[[int], dict[str, Any]] | None = field(default=None)


class UserGone(Exception):
    """The end user was erased in the meantime."""


_PARTS: dict[str, ErasurePart] = {}


def register(part: ErasurePart) -> None:
    """Add a part; a second part of the same name replaces the first only if it is the same."""
    if _PARTS.setdefault(part.name, part) != part:
        raise ValueError(f"The part {part.name} is registered twice.")


def parts() -> tuple[ErasurePart, ...]:
    """Every registered part, in the order of registration."""
    return tuple(_PARTS.values())


def summary(user_key: int) -> dict[str, dict[str, Any]]:
    """What every part that can tell holds of this end user, by the part's name."""
    return {part.name: part.summary(user_key) for part in parts() if part.summary is not None}


@transaction.atomic
def erase(end_user: EndUser, actor: audit.Actor) -> dict[str, int]:
    """Remove an end user and all data about them; returns the rows removed, by part.

    The audit entry keeps the public id and the counts, so that the erasure can be proven without keeping the end user.
    """
    locked = EndUser.objects.select_for_update().filter(pk=end_user.pk).first()
    if locked is None:  # a parallel call has done it
        return {}
    removed = {part.name: part.erase(end_user.pk) for part in parts()}
    locked.delete()
    organization = Organization(pk=end_user.organization_id)
    audit.record(
        "end_user.erased",
        actor=actor,
        organization=organization,
        target=end_user,
        data={"removed": removed},
    )
    return removed


def lock_user(user_key: int) -> None:
    """Hold off an erasure of the user until the transaction ends. Raises UserGone if it came first."""
    table = connection.ops.quote_name(EndUser._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE key = %s FOR KEY SHARE", [user_key])  # noqa: S608 - our own name
        if cursor.fetchone() is None:
            raise UserGone


def _erase_zones(user_key: int) -> int:
    return UserZone.objects.filter(user_key=user_key).delete()[0]


register(ErasurePart("zones", _erase_zones))
