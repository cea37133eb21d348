"""Search over the headings and texts of all pages: every word must occur; headings weigh more than text.

What is searched is made once a build (wearlink.lib.valkey.built): rendering all pages takes half a second.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from adminportal.docs import navigation, pages
from wearlink.lib.valkey import built

MAX_RESULTS: Final = 20  # results
AROUND: Final = 90  # characters of text on each side of the first word found
MAX_QUERY_LENGTH: Final = 100  # characters of a query that are looked at
INDEX: Final = "docs-search"
_WORD: Final = re.compile(r"[\w./{}-]+")


@dataclass(frozen=True, slots=True)
class DocPassage:
    """The text beneath one heading."""

    page: str
    heading: str
    address: str
    text: str
    folded: str
    folded_heading: str


@dataclass(frozen=True, slots=True)
class DocResult:
    """A passage that holds all words, with a piece of its text: before the first word, the word, after it."""

    passage: DocPassage
    before: str
    word: str
    after: str


def find(query: str) -> list[DocResult]:
    """Return the best passages, best first; none for a query without a word."""
    words = _WORD.findall(query[:MAX_QUERY_LENGTH].casefold())
    if not words:
        return []
    ranked = []
    for place, passage in enumerate(_passages()):
        score = _score(passage, words)
        if score:
            ranked.append((-score, place, passage))
    return [_result(passage, words) for _, _, passage in sorted(ranked, key=lambda one: one[:2])[:MAX_RESULTS]]


def _score(passage: DocPassage, words: list[str]) -> int:
    """Return 0 where a word is missing. A word counts more in the heading, and more as a whole than as a part."""
    total = 0
    for word in words:
        count = passage.folded.count(word)
        heading = passage.folded_heading
        if not count and word not in heading:
            return 0
        total += min(count, 5)
        if word in heading:
            total += 20 if word in _WORD.findall(heading) else 10
    return total


def _result(passage: DocPassage, words: list[str]) -> DocResult:
    places = [(passage.folded.find(word), word) for word in words]
    place, word = min(((at, one) for at, one in places if at >= 0), default=(0, ""))
    text, end = passage.text, place + len(word)
    start = max(0, place - AROUND)
    before = ("… " if start else "") + text[start:place]
    after = text[end : end + AROUND] + (" …" if end + AROUND < len(text) else "")
    return DocResult(passage, before, text[place:end], after)


@cache
def _passages() -> tuple[DocPassage, ...]:
    return tuple(_passage(*row) for row in json.loads(built.text(INDEX, _index)))


def keep_index() -> None:
    """Make what is searched, unless a process of this build has."""
    if not built.is_kept(INDEX):
        built.text(INDEX, _index)


def _passage(page: str, heading: str, is_part: bool, address: str, text: str) -> DocPassage:
    # Folding may change lengths ("ß"); then the piece shown is a little off, no more.
    folded = f"{page} {heading}".casefold()
    return DocPassage(page, heading if is_part else "", address, text, text.casefold(), folded)


def _index() -> str:
    """Make the rows of all passages, as _passage takes them."""
    found = []
    for entry in navigation.entries():
        page = pages.load(entry.slug)
        if page is None:
            continue
        names = {one.anchor: one.text for one in page.text.headings}
        for anchor, text in page.text.passages:
            heading = names.get(anchor, "")
            if not text and not heading:
                continue
            is_part = bool(heading) and heading != page.text.title
            address = pages.address_of(entry) + (f"#{anchor}" if is_part else "")
            found.append((entry.title, heading, is_part, address, " ".join(text.split())))
    return json.dumps(found)
