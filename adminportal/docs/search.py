"""Search over the headings and texts of all pages: every word must occur; headings weigh more than text."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from adminportal.docs import navigation, pages

MOST: Final = 20  # results
AROUND: Final = 90  # characters of text on each side of the first word found
LONGEST: Final = 100  # characters of a query that are looked at
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
    words = _WORD.findall(query[:LONGEST].casefold())
    if not words:
        return []
    ranked = []
    for place, passage in enumerate(_passages()):
        score = _score(passage, words)
        if score:
            ranked.append((-score, place, passage))
    return [_result(passage, words) for _, _, passage in sorted(ranked, key=lambda one: one[:2])[:MOST]]


def _score(passage: DocPassage, words: list[str]) -> int:
    """0 where a word is missing. A word counts more in the heading, and more as a whole than as a part."""
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
            is_part = heading and heading != page.text.title
            address = pages.address_of(entry) + (f"#{anchor}" if is_part else "")
            shown = heading if is_part else ""
            plain = " ".join(text.split())
            folded = f"{entry.title} {heading}".casefold()
            # Folding may change lengths ("ß"); then the piece shown is a little off, no more.
            found.append(DocPassage(entry.title, shown, address, plain, plain.casefold(), folded))
    return tuple(found)
