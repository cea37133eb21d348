"""Record elements as the reader leaves them: their texts, gathered by the attributes that many of them share.

A reader that did more would be the slower of the two processes of an import. The one that stores has time to turn
the texts of thousands of records into numbers at a go (records.py).
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from providers.adapters.apple.export.parser import ENTERED, TIME_ZONE, Attributes
from providers.adapters.apple.normalise import DIALECT

SHARED: Final = ("type", "unit", "sourceName", "device", "sourceVersion", TIME_ZONE, ENTERED)
Shared = tuple[str | None, ...]  # the values of SHARED
Pile = tuple[list[int], list[str], list[str], list[str]]  # places, starts, ends, values
_BORDER: Final = "\x00"  # between two texts, and …
_ABSENT: Final = "\x01"  # … for none: XML allows neither character, however it is written


class RecordTexts(msgspec.Struct, frozen=True):
    """Records that share all of SHARED: `shared` has the values, None for what they lack. `places`: of the elements in
    the file. The others hold the texts of all records, to be taken apart by `split`.
    """

    shared: Shared
    places: "array[int]"
    starts: str
    ends: str
    values: str

    def halves(self) -> "Iterator[RecordTexts]":
        """Yield the first half of the records, then the others."""
        middle = len(self.places) // 2
        texts = [split(self.starts), split(self.ends), split(self.values)]
        for part in (slice(0, middle), slice(middle, None)):
            yield RecordTexts(self.shared, self.places[part], *(_BORDER.join(one[part]) for one in texts))

    def elements(self) -> Iterator[tuple[int, Attributes]]:
        """Yield each record's place and what it has of the attributes that matter here."""
        shared = {name: value for name, value in zip(SHARED, self.shared, strict=True) if value is not None}
        texts = zip(split(self.starts), split(self.ends), split(self.values), strict=True)
        for place, (start, end, value) in zip(self.places, texts, strict=True):
            own = {"startDate": start, "endDate": end, "value": value}
            yield place, {**shared, **{name: text for name, text in own.items() if text != _ABSENT}}


class TextPiles:
    """Gathers the records of a slice."""

    def __init__(self) -> None:
        self._piles: dict[Shared, Pile] = {}
        self._stages: list[list[int]] = []  # the places of records of sleep
        self._number = 0

    def add(self, items: Sequence[Attributes], first: int) -> None:
        """Put in records that follow each other in the file."""
        before: Shared = ()  # most records follow others of their kind: to compare costs less than to look up
        for place, item in enumerate(items, first):
            get = item.get
            shared = (
                get("type"), get("unit"), get("sourceName"), get("device"), get("sourceVersion"),
                get(TIME_ZONE), get(ENTERED),
            )  # fmt: skip
            if shared != before:
                places, starts, ends, values = self._piles.get(shared) or self._begin(shared)
                before = shared
            places.append(place)
            starts.append(get("startDate", _ABSENT))
            ends.append(get("endDate", _ABSENT))
            values.append(get("value", _ABSENT))
        self._number += len(items)

    def __len__(self) -> int:
        return self._number

    @property
    def stages(self) -> int:
        """How many of them are stages of sleep."""
        return sum(map(len, self._stages))

    def take(self) -> list[RecordTexts]:
        """Return all that is there, and begin anew."""
        taken = [
            RecordTexts(shared, array("Q", places), _BORDER.join(starts), _BORDER.join(ends), _BORDER.join(values))
            for shared, (places, starts, ends, values) in self._piles.items()
        ]
        self._piles.clear()
        self._stages.clear()
        self._number = 0
        return taken

    def _begin(self, shared: Shared) -> Pile:
        pile: Pile = [], [], [], []
        self._piles[shared] = pile
        if shared[0] and DIALECT.is_sleep(shared[0]):
            self._stages.append(pile[0])
        return pile


def split(texts: str) -> list[str]:
    """Return the texts, one a record."""
    return texts.split(_BORDER)
