"""The envelope of the lists that go on by cursor."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from wearlink.lib.api import cursors

Row = TypeVar("Row")


def binding(user_key: int, path: str, *filters: object) -> str:
    """Return the query a cursor belongs to: everything that decides which rows come in which order, the page size
    aside.
    """
    return "\x1f".join(map(str, (user_key, path, *filters)))


def after(cursor: str | None, bound_to: str) -> list[Any] | None:
    """Return where the page before ended. Raises InvalidInput on a cursor of another query."""
    return None if cursor is None else cursors.unsign(cursor, bound_to)


def by_cursor(
    rows: Iterable[Row], shape: Callable[[Row], dict[str, Any]], *, place: list[Any] | None, total: int, bound_to: str
) -> dict[str, Any]:
    """Return the documented list: rows, and where the next page starts (`place` None: nowhere)."""
    following = None if place is None else cursors.sign(place, bound_to)
    pagination = {"next_cursor": following, "has_more": place is not None, "total_count": total}
    return {"data": [shape(row) for row in rows], "pagination": pagination}
