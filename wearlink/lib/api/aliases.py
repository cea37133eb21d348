"""Older names of fields and parameters, which are accepted beside the one that is documented.

A serializer declares them, older name → name: ``aliases = {"since": "start_time", "until": "end_time"}``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework.serializers import Serializer, ValidationError

from wearlink.lib.errors import FieldError


def of(serializer: Serializer[Any] | type[Serializer[Any]]) -> Mapping[str, str]:
    """Return current names by older name."""
    found: Mapping[str, str] = getattr(serializer, "aliases", {})
    return found


def renamed(serializer: Serializer[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given, under today's names; of two names for one thing, today's counts (see doubles)."""
    older = of(serializer)
    values = {older[name]: value for name, value in given.items() if name in older}
    return {**values, **{name: value for name, value in given.items() if name not in older}}


def doubles(serializer: Serializer[Any], given: Mapping[str, Any]) -> Iterator[FieldError]:
    """Yield a fault for each older name that is given beside its newer one."""
    for name in given:
        newer = of(serializer).get(name)
        if newer in given:
            yield FieldError(name, f"is another name of {newer}; give one of them.")


def as_given(error: ValidationError, serializer: Serializer[Any], given: Mapping[str, Any]) -> ValidationError:
    """Return the same faults, under the names that the caller used."""
    used = {newer: name for name, newer in of(serializer).items() if name in given}
    if not used or not isinstance(error.detail, dict):
        return error
    return ValidationError({used.get(name, name): fault for name, fault in error.detail.items()})
