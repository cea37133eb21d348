"""Subscribers: the endpoints of an organization, asked for once per emission."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from accounts.webhooks.models import Endpoint
from wearlink.lib.postgres import prepared

_ACTIVE = Endpoint.Status.ACTIVE.value
# The user and the endpoints in one go: this runs within every store of health data.
# Written out: `make bench`, cost of emission.
_OF_END_USER = """
    SELECT u.organization_id, u.id, e.key, e.event_types, e.user_id, e.status, e.listener
    FROM accounts_enduser u
    LEFT JOIN webhooks_endpoint e ON e.organization_id = u.organization_id AND e.deleted_at IS NULL
    WHERE u.key = %s
"""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One endpoint, as far as it matters for what it gets."""

    key: int
    types: frozenset[str]
    user_id: UUID | None
    active: bool
    listener: bool = False

    def wants(self, event_type: str, user_id: UUID | None) -> bool:
        """Return whether its filter takes such an event. An endpoint of one end user gets nothing without a user."""
        return event_type in self.types and (self.user_id is None or self.user_id == user_id)


@dataclass(frozen=True, slots=True)
class Subscribers:
    """The endpoints of one organization, paused ones too: what they miss can be recovered later."""

    organization_id: UUID
    endpoints: tuple[Subscriber, ...]

    def of_event(self, event_type: str, user_id: UUID | None) -> Iterator[Subscriber]:
        """Return those whose filter takes such an event."""
        return (one for one in self.endpoints if one.wants(event_type, user_id))

    def without(self, endpoint_key: int) -> "Subscribers":
        return Subscribers(self.organization_id, tuple(one for one in self.endpoints if one.key != endpoint_key))

    def types_for(self, user_id: UUID | None) -> frozenset[str]:
        """Return the types that any endpoint takes of events about this user."""
        wanted = [one.types for one in self.endpoints if one.user_id is None or one.user_id == user_id]
        return frozenset().union(*wanted)


@dataclass(frozen=True, slots=True)
class SubscribedUser:
    """An end user by public id, and the endpoints of the organization."""

    user_id: UUID
    subscribers: Subscribers


def of_organization(organization_id: UUID) -> Subscribers:
    rows = Endpoint.objects.live().filter(organization_id=organization_id)
    found = rows.values_list("key", "event_types", "user_id", "status", "listener")
    return Subscribers(organization_id, tuple(_subscriber(*row) for row in found))


def of_end_user(user_key: int) -> SubscribedUser | None:
    """Return the end user of that key and the endpoints of the organization, in one query; None when erased."""
    with prepared() as cursor:
        cursor.execute(_OF_END_USER, [user_key])
        rows = cursor.fetchall()
    if not rows:
        return None
    endpoints = tuple(_subscriber(*row[2:]) for row in rows if row[2] is not None)
    return SubscribedUser(rows[0][1], Subscribers(rows[0][0], endpoints))


def _subscriber(key: int, types: list[str], user_id: UUID | None, status: str, listener: bool) -> Subscriber:
    return Subscriber(key, frozenset(types), user_id, status == _ACTIVE, listener)
