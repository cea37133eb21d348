"""The documentation's pages, their order, and the place of each one's Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

FRONT: Final = "index"
SITE: Final = "docs/site"


@dataclass(frozen=True, slots=True)
class DocEntry:
    """A page in the navigation. `source` is relative to the repository; where it lies outside docs/site, other tests
    than those of the site run its samples.
    """

    slug: str
    title: str
    source: str

    @property
    def path(self) -> Path:
        """The file with the Markdown."""
        return Path(settings.BASE_DIR) / self.source


def _own(slug: str, title: str) -> DocEntry:
    return DocEntry(slug, title, f"{SITE}/{slug}.md")


SECTIONS: Final[tuple[tuple[str, tuple[DocEntry, ...]], ...]] = (
    (
        "Start",
        (
            _own(FRONT, "Introduction"),
            _own("quickstart", "Quick start"),
            _own("authentication", "Authentication"),
            _own("errors", "Errors and lists"),
            DocEntry("conventions", "Conventions", "docs/api-conventions.md"),
        ),
    ),
    (
        "End users and devices",
        (
            _own("users", "End users"),
            _own("connections", "Connections"),
            _own("providers", "Provider setup"),
            _own("apple-health", "Apple Health and SDKs"),
            _own("apple-import", "Apple Health import"),
            _own("sync", "Sync and backfill"),
        ),
    ),
    (
        "Data",
        (
            _own("data", "Health data"),
            _own("timeseries", "Time series"),
            _own("scores", "Health scores"),
            _own("sources", "Sources and their order"),
            _own("nutrition", "Nutrition"),
            _own("energy", "Energy balance"),
            _own("export", "Data export"),
        ),
    ),
    (
        "Webhooks",
        (
            _own("webhooks", "Webhooks"),
            DocEntry("receiving-webhooks", "Receiving webhooks", "accounts/webhooks/README.md"),
            _own("events", "Event catalogue"),
        ),
    ),
    (
        "Your organization",
        (
            _own("organization", "Team, plan and usage"),
            _own("audit", "Audit log"),
        ),
    ),
    (
        "SDKs",
        (
            _own("kotlin", "Kotlin SDK"),
            _own("swift", "Swift SDK"),
        ),
    ),
    (
        "Reference",
        (
            _own("reference", "All calls"),
            _own("coverage", "Coverage"),
            _own("changelog", "Changelog"),
        ),
    ),
    (
        "Operating",
        (
            _own("platform", "Running the platform"),
            DocEntry("settings", "Settings", "docs/settings.md"),
            DocEntry("uploads", "Large uploads", "docs/uploads.md"),
            DocEntry("demo", "The demo", "docs/demo.md"),
            DocEntry("simulator", "Simulated vendors", "docs/simulator.md"),
        ),
    ),
)


def entries() -> Iterator[DocEntry]:
    """Yield all pages, in reading order."""
    for _, pages in SECTIONS:
        yield from pages


def find(slug: str) -> DocEntry | None:
    """Return the page of that slug."""
    return next((one for one in entries() if one.slug == slug), None)
