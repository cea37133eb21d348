"""Pages, each rendered once a process."""

from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from django.conf import settings

from adminportal.docs import endpoints, live, navigation, rendering
from adminportal.docs.navigation import DocEntry
from adminportal.docs.rendering import DocHeading, RenderedText

PUBLIC: Final = "https://wearlink.io"  # in the files, the place of the address of the installation that shows them
# Files of the repository that are no pages, and what shows them instead.
ELSEWHERE: Final = {
    "openapi.yaml": "/api/v1/schema?format=yaml",
    "DECISIONS.md": None,
}


@dataclass(frozen=True, slots=True)
class DocPage:
    """A page, ready to be put into its frame."""

    entry: DocEntry
    markdown: str
    text: RenderedText
    before: DocEntry | None
    after: DocEntry | None

    @property
    def contents(self) -> list[DocHeading]:
        """The headings under "On this page"."""
        return [one for one in self.text.headings if one.level in (2, 3)]


@cache
def load(slug: str) -> DocPage | None:
    """Return the page of that slug, or None."""
    entry = navigation.find(slug)
    if entry is None:
        return None
    markdown = live.fill(entry.path.read_text(encoding="utf-8")).replace(PUBLIC, settings.BASE_URL)
    text = rendering.render(markdown, str(PurePosixPath(entry.source).parent), address)
    order = list(navigation.entries())
    place = order.index(entry)
    before = order[place - 1] if place else None
    after = order[place + 1] if place + 1 < len(order) else None
    return DocPage(entry, markdown, text, before, after)


def address(target: str) -> str | None:
    """Return where this site shows a file of the repository, or an operation of the API."""
    if rendering.OPERATION.fullmatch(target):
        operation = endpoints.find(target)
        return operation.address if operation else None
    for entry in navigation.entries():
        if entry.source == target:
            return address_of(entry)
    return ELSEWHERE.get(target)


def address_of(entry: DocEntry) -> str:
    return "/docs" if entry.slug == navigation.FRONT else f"/docs/{entry.slug}"
