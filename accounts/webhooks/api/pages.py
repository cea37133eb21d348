"""Cursors of the lists of webhooks: bound to the list and its filters, not to the size of a page."""

from collections.abc import Mapping
from typing import Any

from wearlink.lib.api import cursors


class Pages:
    """One list as one query filters it."""

    def __init__(self, name: str, query: Mapping[str, Any]) -> None:
        filters = sorted((key, str(value)) for key, value in query.items() if key not in {"cursor", "limit"})
        self._binding = f"{name} {filters}"
        given = query.get("cursor")
        self.after: list[Any] | None = cursors.unsign(given, self._binding) if given else None

    def cursor(self, position: list[Any] | None) -> str | None:
        """next_cursor for where the list goes on."""
        return None if position is None else cursors.sign(position, self._binding)


def names(query: Mapping[str, Any]) -> list[str]:
    """The event types of ?event_types=a,b."""
    return list(query.get("event_types", ()))
