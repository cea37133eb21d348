"""The one list of sections that feeds the side bar and the tests of access.

An entry's page is the name of its route within the namespace `dashboard`; it appears once that route exists.
"""

from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the side bar; `group` is the heading above it."""

    title: str
    page: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry with its address, as the template draws it."""

    entry: Entry
    href: str
    is_current: bool


NAVIGATION: Final = [
    Entry("Home", "home"),
    Entry("End users", "end-users"),
    Entry("Changes", "changes"),
    Entry("Webhooks", "webhooks"),
    Entry("Usage & billing", "billing"),
    Entry("Credentials", "credentials", "Settings"),
    Entry("Providers", "providers", "Settings"),
    Entry("Team", "team", "Settings"),
    Entry("Organization", "organization", "Settings"),
    Entry("Source order", "source-order", "Settings"),
    Entry("Password", "password", "Settings"),
    Entry("Second factor", "second-factor", "Settings"),
    Entry("Audit log", "audit", "Settings"),
]


def links(current: str) -> list[Link]:
    """Return the side bar of a page of the entry `current`."""
    found = []
    for entry in NAVIGATION:
        try:
            href = reverse(f"dashboard:{entry.page}")
        except NoReverseMatch:
            continue
        found.append(Link(entry, href, entry.page == current))
    return found
