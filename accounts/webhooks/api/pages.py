"""Cursors of the lists of webhooks: bound to the list and its filters, not to the size of a page."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from accounts.models import Organization
from accounts.webhooks.backends import history
from accounts.webhooks.backends.chosen import chosen_backend
from accounts.webhooks.contract import Attempted, AttemptQuery
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Endpoint, Message
from wearlink.lib.api import cursors
from wearlink.lib.errors import NotAvailable


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
    """Return the event types of ?event_types=a,b."""
    return list(query.get("event_types", ()))


def attempts_page(endpoint: Endpoint, query: Mapping[str, Any]) -> tuple[list[Attempted], str | None]:
    """Return a page of an endpoint's delivery log as AttemptsQuery asks for it, and the cursor of the next one."""
    pages = Pages(f"{endpoint.id}/attempts", query)
    status = query.get("status")
    page = chosen_backend().attempts(
        endpoint,
        AttemptQuery(
            limit=query["limit"],
            after=pages.after,
            succeeded=None if status is None else status == "succeeded",
            event_types=names(query),
            since=query.get("start_time"),
            until=query.get("end_time"),
            with_content=query["with_content"],
        ),
    )
    return page.rows, pages.cursor(page.next)


def messages_page(organization: Organization, query: Mapping[str, Any]) -> tuple[list[Message], str | None]:
    """Return a page of an organization's messages as MessagesQuery asks for it, and the cursor of the next one.

    Raises EndpointNotFound, and NotAvailable where Svix alone knows.
    """
    pages = Pages(f"{organization.pk}/messages", query)
    rows = history.messages(
        organization.pk,
        types=names(query),
        user_id=query.get("user_id"),
        since=query.get("start_time"),
        until=query.get("end_time"),
        endpoint=_endpoint(organization, query),
        status=query.get("status"),
    )
    if pages.after:
        rows = rows.filter(key__lt=pages.after[0])
    limit = query["limit"]
    found = list(rows[: limit + 1])
    return found[:limit], pages.cursor([found[limit - 1].key] if len(found) > limit else None)


def _endpoint(organization: Organization, query: Mapping[str, Any]) -> Endpoint | None:
    if settings.SVIX_TOKEN and ("endpoint_id" in query or "status" in query):
        raise NotAvailable("Where messages stand is Svix's to tell: see the attempts of an endpoint.")
    name = query.get("endpoint_id")
    return lifecycle.find(organization, name) if name else None
