"""Matching names of foods: how often rightly, how fast.

`make bench BENCH=foods` prints it. Names nobody put into the files are made from those that are: each spelling with a
random letter put in, left out or changed. Strangers are USDA's names of what people eat in the West, looked for among
the Indian dishes alone, as if USDA's part of the table did not know them.
"""

import random
import string
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from django.core.management import call_command

from nutrition import foods
from nutrition.foods import matching, rows
from nutrition.foods.names import normalised
from nutrition.models import FoodAlias
from nutrition.models.food import Tier
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark
from tests.bench.ground import Ground

SEED = 7
REPEATS = 3  # of each name; the quickest counts, for the others met whatever else the machine does


@benchmark("foods", order=70)
def matching_names(ground: Ground) -> Iterator[BenchFigure]:
    """Accuracy of one and two edits, strangers taken for dishes, time over the curated tier and over both."""
    call_command("load_foods", verbosity=0)
    dice = random.Random(SEED)
    spellings = curated_spellings()
    for edits, targets in ((1, (at_least(93), at_most(1))), (2, (None, None))):
        found = accuracy(dice, ground.size(len(spellings), 500), edits)
        label = f"foods: spellings with {edits} letter{'s' * (edits > 1)} wrong"
        yield BenchFigure(f"{label}: right", found["right"], "%", targets[0])
        yield BenchFigure(f"{label}: another food", found["wrong"], "%", targets[1])
    share = strangers_accepted(strangers())
    yield BenchFigure("foods: Western names taken for Indian dishes", share, "%", at_most(2))
    number = ground.size(1000, 100)
    known = dice.sample(sorted(spellings), number // 2)
    names = [*known, *(misspelt(dice, name) for name in known)]
    yield from _times("curated, half of them misspelt", names, 1)
    western = dice.sample(strangers(), number // 2)
    names += [*western, *(misspelt(dice, name) for name in western)]
    yield from _times("both tiers, half of them misspelt", names, 6)


def _times(what: str, names: Sequence[str], worst: float) -> Iterator[BenchFigure]:
    p50, p95 = durations(foods.match, names)
    yield BenchFigure(f"foods: match, {what}: p50", p50, "ms", at_most(0.3) if worst == 1 else None)
    yield BenchFigure(f"foods: match, {what}: p95", p95, "ms", at_most(worst))


@cache
def curated_spellings() -> dict[str, str]:
    """Return the food of each spelling."""
    return {spelling: food.id for food in rows.read(Tier.CURATED) for spelling in food.spellings}


@cache
def strangers() -> list[str]:
    """Return what Americans eat, but for the dishes that are Indian there too; full names and short ones."""
    indian = {food.source.partition(": ")[2] for food in rows.read(Tier.CURATED)}
    known = curated_spellings()
    found = set()
    for food in rows.read(Tier.USDA):
        if food.source == "FNDDS" and food.name not in indian and normalised(food.name) not in known:
            found.update(food.spellings)
    return sorted(found)


def misspelt(dice: random.Random, name: str) -> str:
    """Return the name with a letter put in, left out or changed, as names are compared."""
    place, letter = dice.randrange(len(name)), dice.choice(string.ascii_lowercase)
    after = dice.choice((name[place:], name[place + 1 :]))
    put = letter if after == name[place:] or dice.random() < 0.5 else ""
    return normalised(name[:place] + put + after)


def accuracy(dice: random.Random, number: int, edits: int) -> dict[str, float]:
    """Shares in percent of `right`, `wrong` and `none` among misspelt names that are not another spelling."""
    spellings = curated_spellings()
    known = set(FoodAlias.objects.values_list("norm", flat=True))
    outcomes: Counter[str] = Counter(right=0, wrong=0, none=0)
    for spelling in dice.sample(sorted(spellings), number):
        name = spelling
        for _ in range(edits):
            name = misspelt(dice, name) or name
        if name in known:
            continue
        found = foods.match(name)
        outcomes["none" if found is None else "right" if found.food_id == spellings[spelling] else "wrong"] += 1
    return {outcome: 100 * times / outcomes.total() for outcome, times in outcomes.items()}


def strangers_accepted(names: Sequence[str]) -> float:
    """Return the share in percent of names that the curated tier would take."""
    return 100 * sum(matching.nearest_curated(name) is not None for name in names) / len(names)


def durations(call: Callable[[str], Any], names: Sequence[str]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds of the calls with each of the names."""
    found = []
    for name in names:
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            call(name)
            times.append(time.perf_counter() - start)
        found.append(1000 * min(times))
    found.sort()
    return found[len(found) // 2], found[int(0.95 * len(found))]
