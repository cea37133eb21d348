"""Checking orders of sources before they are saved. The domain, which knows sources and metrics, registers here."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from wearlink.lib.errors import FieldError, InvalidInput

#: From the end user's key (None: an organization's order) and the order: what is wrong, as (metric, message).
Check = Callable[[int | None, Mapping[str, Any]], Iterable[tuple[str, str]]]

#: Called with the organization's id and the end user's key, or None where the organization's own order changed.
Change = Callable[[UUID, int | None], None]

_CHECKS: list[Check] = []
_CHANGES: list[Change] = []


def register(check: Check) -> None:
    """Add a check; a second time is the same as once."""
    if check not in _CHECKS:
        _CHECKS.append(check)


def on_change(change: Change) -> None:
    """Have something done in the transaction that changes an order; a second time is the same as once."""
    if change not in _CHANGES:
        _CHANGES.append(change)


def changed(organization_id: UUID, user_key: int | None = None) -> None:
    """Tell those who registered that an order is another one now."""
    for change in _CHANGES:
        change(organization_id, user_key)


def require_valid(user_key: int | None, order: Mapping[str, Any], *, field: str = "source_priority") -> None:
    """Raise InvalidInput on the metrics at fault."""
    faults = [fault for check in _CHECKS for fault in check(user_key, order)]
    if faults:
        errors = tuple(FieldError(f"{field}.{metric}", message) for metric, message in faults)
        raise InvalidInput(f"{errors[0].field}: {errors[0].message}", errors=errors)
