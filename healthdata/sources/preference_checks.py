"""Checks of an order of sources that somebody wants to save."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from accounts.end_users import source_preferences
from healthdata import provider_names
from healthdata.catalogue import SERIES
from healthdata.merge.preferences import DEVICE_TYPES, SOURCE, WILDCARD, bare_name
from healthdata.metrics import METRIC_NAMES
from healthdata.models import Source
from wearlink.lib.api import bodies

#: What orders may be given for: figures of the day, single series, a night.
METRICS_OF_ORDERS: Final = METRIC_NAMES | set(SERIES) | {WILDCARD, "sleep", "workouts"}


def faults(user_key: int | None, order: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Unknown metrics, names of no device type and no provider, and sources that are not the end user's. One query
    where single sources or unusual types are named.
    """
    known = _KnownNames(user_key)
    for metric, wanted in order.items():
        if metric not in METRICS_OF_ORDERS:
            yield (
                metric,
                f"Unknown metric. Accepted: {', '.join(sorted(METRIC_NAMES))}, sleep, workouts, * or a series type.",
            )
            continue
        for name in wanted["order"] if isinstance(wanted, Mapping) else wanted:
            fault = known.fault(bare_name(name))
            if fault:
                yield metric, fault
                break


class _KnownNames:
    """The names that an order of this end user, or of an organization, may use."""

    def __init__(self, user_key: int | None) -> None:
        self._user_key = user_key
        self._usual = [*DEVICE_TYPES, *provider_names.known()]

    def fault(self, name: str) -> str | None:
        if name in self._usual:
            return None
        if not name.startswith(SOURCE):
            return None if name in self._own_types else _unknown_name(name, self._usual)
        if self._user_key is None:
            return "An organization's order names types and providers; sources belong to single end users."
        if canonical(name.removeprefix(SOURCE)) not in self._own_sources:
            return f"{name[: len(SOURCE) + 64]} is no source of this end user."
        return None

    @cached_property
    def _sources(self) -> list[tuple[UUID, str]]:
        if self._user_key is None:
            return []
        return list(Source.objects.filter(user_key=self._user_key).values_list("uid", "device_type"))

    @cached_property
    def _own_sources(self) -> set[str]:
        return {str(uid) for uid, _ in self._sources}

    @cached_property
    def _own_types(self) -> set[str]:
        """A phone may state types that we have never heard of."""
        return {device_type for _, device_type in self._sources}


def _unknown_name(name: str, known: list[str]) -> str:
    near = bodies.hint(name, known)
    accepted = "" if near.startswith("Accepted") else f" Accepted: {', '.join(known)}."
    return f"{name[:64]!r} is no device type and no provider. {near}{accepted} Or source:<id>, as GET …/sources has it."


def canonical(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return text


source_preferences.register(faults)
