"""The event types of the running catalogue, group by group, with those that an endpoint takes ticked."""

from collections.abc import Collection
from dataclasses import dataclass

from accounts.webhooks import event_types
from accounts.webhooks.catalogue.filters import WILDCARD
from accounts.webhooks.event_types import EventType, Level


@dataclass(frozen=True, slots=True)
class Choice:
    """A type that may be ticked. `search` is what the search box looks through."""

    type: EventType
    is_chosen: bool

    @property
    def search(self) -> str:
        return f"{self.type.name} {self.type.description}".lower()


@dataclass(frozen=True, slots=True)
class EventGroup:
    """A group with its types; all of it is chosen by one wildcard, which grows with the catalogue."""

    name: str
    choices: list[Choice]
    is_whole: bool

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def wildcard(self) -> str:
        return f"{self.name}{WILDCARD}"

    @property
    def chosen_count(self) -> int:
        """The number of types that are ticked one by one."""
        return sum(one.is_chosen for one in self.choices)

    @property
    def is_open(self) -> bool:
        return self.is_whole or bool(self.chosen_count)


def groups(chosen: Collection[str]) -> list[EventGroup]:
    """Return all groups: those of sessions and changes of state first, then the series'."""
    by_group: dict[str, list[Choice]] = {}
    ranks: dict[str, bool] = {}
    for one in event_types.every():
        by_group.setdefault(one.group, []).append(Choice(one, one.name in chosen))
        ranks.setdefault(one.group, one.level is not Level.SESSION)
    found = [EventGroup(name, choices, f"{name}{WILDCARD}" in chosen) for name, choices in by_group.items()]
    return sorted(found, key=lambda one: (ranks[one.name], one.name))


def names() -> list[str]:
    """Return every type's name, for the filter of the log and for tests."""
    return sorted(one.name for one in event_types.every())
