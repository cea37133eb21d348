"""Names as people write them, from USDA's: `Bread, white` is white bread, `Apple, raw` an apple.

A part that only qualifies may be left out at a price; of two foods that a shorter name could mean, the one that pays
less has it, so `rice` is `Rice, cooked, NFS` and not a dry one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from nutrition.foods.names import normalised

PRICES: Final = {  # of leaving a part out
    "nfs": 0,
    "regular": 1,
    "plain": 1,
    "all types": 1,
    "fresh": 1,
    "raw": 2,
    "cooked": 2,
    "no added fat": 2,
    "mature seeds": 3,
    "unenriched": 3,
    "enriched": 3,
    "fat added": 3,
    "from restaurant": 3,
}
VAGUE: Final = re.compile(r"^ns as to ")  # "not specified": the survey's word for the usual kind
VAGUE_PRICE: Final = 1
MAX_TURNED: Final = 2  # parts that may come before the first, as in `thin crust cheese pizza`
CLAUSE: Final = re.compile(
    r"\b(with|without|from|on|in|made|and|or|no|for|as|to|by|includes|excludes|prepared|ready)\b"
)
Claim = tuple[int, int, int, str]  # price, source, length, name: the least has the spelling


def spellings(order: Mapping[str, int], taken: frozenset[str]) -> dict[str, list[str]]:
    """Return the spellings of each of USDA's names, given with their rank; a full name is never another food's."""
    full = {normalised(name): name for name in order}
    claims: dict[str, Claim] = {}
    for name, rank in order.items():
        for price, spelling in shorter(name):
            claim = (price, rank, len(name), name)
            if spelling not in full and spelling not in taken and claim < claims.get(spelling, (99, 0, 0, "")):
                claims[spelling] = claim
    found: dict[str, list[str]] = {name: [] for name in order}
    for spelling, name in full.items():
        if spelling not in taken:
            found[name].append(spelling)
    for spelling, claim in sorted(claims.items()):
        found[claim[3]].append(spelling)
    return found


def shorter(name: str) -> Iterator[tuple[int, str]]:
    """Yield other ways to write the name, with their prices."""
    parts = [normalised(part) for part in name.split(",")]
    kept, price = parts[:1], 0
    for part in parts[1:]:
        cost = VAGUE_PRICE if VAGUE.match(part) else PRICES.get(part)
        if cost is None:
            kept.append(part)
        else:
            price += cost
    first, *more = kept
    yield price, " ".join(kept)
    turns = len(more) <= MAX_TURNED and not any(CLAUSE.search(part) for part in more)
    if more and turns:
        yield price, " ".join([*reversed(more), first])
    if turns and not CLAUSE.search(first):
        yield price + 1, " ".join([*reversed(more), other_number(first)])


def other_number(name: str) -> str:
    """Return the plural of a singular, the singular of a plural, as far as the spelling tells."""
    if re.search(r"(oes|shes|ches|sses|xes)$", name):
        return name[:-2]
    if name.endswith("ies"):
        return name[:-3] + "y"
    if re.search(r"[^su]s$", name):
        return name[:-1]
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + ("es" if re.search(r"(o|sh|ch|ss|x)$", name) else "s")
