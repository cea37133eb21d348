"""The audit trail: who did which privileged act. Actions are registered, entries are written in the act's transaction.

    register("api_key.rotated", "A key was replaced by a new one.")
    record("api_key.rotated", actor=actor, organization=organization, target=key, data={"replaces": "sk-a1b2c3d4"})

Entries of one organization form a hash chain that a database trigger builds; write the entry last in a transaction,
because the chain is locked from there to the commit. Each is sealed with a key (seals.py), and how far the chains
have come is kept in the object store every day (anchors.py). ``data`` holds ids and plain facts, never names,
addresses or secrets.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from accounts.audit_trail import checks, seals
from accounts.models import AuditEntry, Developer, Organization

_ACTIONS: dict[str, str] = {}


class UnknownAction(LookupError):
    """An entry was to be written for an action that nobody registered: a fault of the program."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts: kind is developer, api_key, end_user, system or anonymous; id is a public id or a command."""

    kind: str
    id: str = ""


SYSTEM = Actor("system")
ANONYMOUS = Actor("anonymous")


def developer(row: Developer) -> Actor:
    """Return a developer as the one who acts."""
    return Actor("developer", str(row.pk))


def register(action: str, description: str) -> None:
    """Make an action known. Registering it again with another description is a fault of the program."""
    if _ACTIONS.setdefault(action, description) != description:
        raise ValueError(f"The audit action {action} is registered twice.")


def actions() -> dict[str, str]:
    """Return every registered action with its description, by name."""
    return dict(sorted(_ACTIONS.items()))


def record(
    action: str,
    *,
    actor: Actor,
    organization: Organization | None = None,
    target: Model | str | None = None,
    data: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry to the organization's chain, or to the platform's when there is none.

    A target given as text is its id; a row gives its model's name and its public id. Raises UnknownAction.
    """
    if action not in _ACTIONS:
        raise UnknownAction(action)
    kind, identity = _target(target)
    with transaction.atomic(savepoint=False):  # never one without the other
        entry = AuditEntry.objects.create(
            organization=organization,
            action=action,
            actor_kind=actor.kind,
            actor_id=actor.id,
            target_type=kind,
            target_id=identity,
            data=data or {},
        )
        seals.put_on(entry)
    return entry


def first_broken(organization_id: UUID | None) -> int | None:
    """Return id of the first entry of a chain that does not follow from the one before it, or whose seal does not fit;
    None when all do.
    """
    return checks.walk(organization_id).broken


def chains() -> list[UUID | None]:
    """Return the organizations that have entries; None is the platform's own chain."""
    return list(AuditEntry.objects.order_by("organization_id").values_list("organization_id", flat=True).distinct())


def _target(target: Model | str | None) -> tuple[str, str]:
    if target is None:
        return "", ""
    if isinstance(target, str):
        return "", target
    identity = getattr(target, "listed_id", None) or getattr(target, "id", None) or target.pk
    return target._meta.model_name or "", str(identity)
