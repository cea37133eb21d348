"""Checking orders of sources before they are saved. The domain, which knows sources and metrics, registers here."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wearlink.lib.errors import FieldError, InvalidInput

#: From the end user's key (None: an organization's order) and the order: what is wrong, as (metric, message).
Check = Callable[[int | None, Mapping[str, Any]], Iterable[tuple[str, str]]]

_CHECKS: list[Check] = []


def register(check: Check) -> None:
    """Add a check; a second time is the same as once."""
    if check not in _CHECKS:
        _CHECKS.append(check)


def require_valid(user_key: int | None, order: Mapping[str, Any], *, field: str = "source_priority") -> None:
    """Raises InvalidInput on the metrics at fault."""
    faults = [fault for check in _CHECKS for fault in check(user_key, order)]
    if faults:
        errors = tuple(FieldError(f"{field}.{metric}", message) for metric, message in faults)
        raise InvalidInput(f"{errors[0].field}: {errors[0].message}", errors=errors)
