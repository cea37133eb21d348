"""Who listens: the endpoints of an organization, asked for once per emission."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from accounts.webhooks.models import Endpoint

_ACTIVE = Endpoint.Status.ACTIVE.value
_OF_ORGANIZATION = """
    SELECT key, event_types, user_id, status FROM webhooks_endpoint
    WHERE organization_id = %s AND deleted_at IS NULL
"""
# The person and the endpoints in one go: this runs within every store of health data.
_OF_PERSON = """
    SELECT u.organization_id, u.id, e.key, e.event_types, e.user_id, e.status
    FROM accounts_enduser u
    LEFT JOIN webhooks_endpoint e ON e.organization_id = u.organization_id AND e.deleted_at IS NULL
    WHERE u.key = %s
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """One endpoint, as far as it matters for what it gets."""

    key: int
    types: frozenset[str]
    user_id: UUID | None
    active: bool

    def wants(self, event_type: str, user_id: UUID | None) -> bool:
        """Whether its filter takes such an event. An endpoint of one end user gets nothing without a user."""
        return event_type in self.types and (self.user_id is None or self.user_id == user_id)


@dataclass(frozen=True, slots=True)
class Audience:
    """The endpoints of one organization, paused ones too: what they miss can be recovered later."""

    organization_id: UUID
    listeners: tuple[Listener, ...]

    def takers(self, event_type: str, user_id: UUID | None) -> Iterator[Listener]:
        """Those that take such an event."""
        return (one for one in self.listeners if one.wants(event_type, user_id))

    def types_for(self, user_id: UUID | None) -> frozenset[str]:
        """All names that anybody takes of events about this user."""
        wanted = [one.types for one in self.listeners if one.user_id is None or one.user_id == user_id]
        return frozenset().union(*wanted)


@dataclass(frozen=True, slots=True)
class Person:
    """An end user by public id, and who listens."""

    user_id: UUID
    audience: Audience


def of_organization(organization_id: UUID) -> Audience:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ORGANIZATION, [organization_id])
        return Audience(organization_id, tuple(_listener(*row) for row in cursor))


def of_person(user_key: int) -> Person | None:
    """The end user of that key, and who listens to the organization's events; None when erased. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_PERSON, [user_key])
        rows = cursor.fetchall()
    if not rows:
        return None
    listeners = tuple(_listener(*row[2:]) for row in rows if row[2] is not None)
    return Person(rows[0][1], Audience(rows[0][0], listeners))


def _listener(key: int, types: list[str], user_id: UUID | None, status: str) -> Listener:
    return Listener(key, frozenset(types), user_id, status == _ACTIVE)
