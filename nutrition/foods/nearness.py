"""The test of whether two spellings may mean one food: few letters differ, and not all of them in one word.

Trigrams alone would take bean curry for beef curry, chicken sandwich for chicken handi. Measured by
tests/bench/foods.py.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    from rapidfuzz.distance import Levenshtein
else:
    Levenshtein = LazyModule("rapidfuzz.distance.Levenshtein")

OF_NAME: Final = 0.25  # letters that may differ, as a share of the name's
OF_WORD: Final = 3  # in a word, one letter in so many; one in any word that is not alone
OF_JOINED: Final = 6  # where a space is missing or too many, one letter in so many


def edits(name: str, spelling: str) -> int | None:
    """Return letters that differ, in the words' order that suits best; None where that is too many for one food."""
    words, others = name.split(), spelling.split()
    if len(words) != len(others):
        return _edits_but_for_spaces(name, spelling)
    found = Levenshtein.distance(name, spelling)
    if len(words) > 1:
        found = min(found, Levenshtein.distance(" ".join(sorted(words)), " ".join(sorted(others))))
    if found > OF_NAME * len(name) or not (covers(words, others) and covers(others, words)):
        return None
    return found


def covers(words: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether each of the words is, but for a letter or two, one of the others."""
    return all(any(_is_near(word, other) for other in others) for word in words)


def _is_near(word: str, other: str) -> bool:
    allowed = max(1, len(word) // OF_WORD)
    return word == other or Levenshtein.distance(word, other, score_cutoff=allowed) <= allowed


def _edits_but_for_spaces(name: str, spelling: str) -> int | None:
    joined, other = name.replace(" ", ""), spelling.replace(" ", "")
    allowed = len(joined) // OF_JOINED
    found = Levenshtein.distance(joined, other, score_cutoff=allowed)
    return found if found <= allowed else None
