"""The order of sources, and the sources that do not count: the platform's order, and those that override it.

For each metric the end user's own order goes before the organization's, and that before the platform's. Orders name
device types, providers, or single sources (`source:<id>`); what an order does not name is left to the next. A name
with a minus before it leaves a source out. Figures with fewer covered minutes than `min_coverage` are not shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Final

from healthdata.merge import VERSION

WILDCARD: Final = "*"
SOURCE: Final = "source:"

Ranks = Mapping[str, int]  # name → place, lower is better


@dataclass(frozen=True, slots=True)
class MetricOrder:
    """One layer's order for one metric."""

    ranks: Ranks = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()
    min_coverage: int | None = None  # minutes


Order = Mapping[str, MetricOrder]  # metric or WILDCARD → …

#: What is worn in bed and at sport knows more than what lies on the table. A ring and a watch are equals. An app that
#: names no device, and what somebody typed in, fill what is left: they replace nothing that was measured.
_WORN_FIRST: Final[Ranks] = {
    "ring": 0,
    "watch": 0,
    "fitness_band": 1,
    "chest_strap": 2,
    "head_mounted": 3,
    "scale": 4,
    "smart_display": 5,
    "phone": 6,
    "tablet": 6,
    "unknown": 7,
    "manual": 8,
    "profile": 9,
}
#: What an order may name beside providers and single sources. Phones may state further types.
DEVICE_TYPES: Final = tuple(_WORN_FIRST)
#: A ring estimates walking from the movements of a hand; a watch counts steps and knows where it went.
_WATCH_FIRST: Final[Ranks] = {**_WORN_FIRST, "ring": 2}
_SCALE_FIRST: Final[Ranks] = {**_WORN_FIRST, "scale": -1}
#: What moving about adds up to, by metric.
_MOVED: Final = (
    "steps",
    "distance",
    "active_calories",
    "total_calories",
    "flights_climbed",
    "elevation_gain",
    "active_time",
)
#: Series that are shown whatever their coverage, such as those of a scale.
_WEIGHED: Final = (
    "weight",
    "body_mass_index",
    "body_fat_percentage",
    "body_fat_mass",
    "lean_body_mass",
    "skeletal_muscle_mass",
    "muscle_mass",
    "bone_mass",
    "body_water_mass",
    "body_water_percentage",
    "visceral_fat_rating",
    "basal_metabolic_rate",
)
PLATFORM_ORDER: Final[Order] = {
    WILDCARD: MetricOrder(_WORN_FIRST),
    **dict.fromkeys(_MOVED, MetricOrder(_WATCH_FIRST)),
    **dict.fromkeys(_WEIGHED, MetricOrder(_SCALE_FIRST)),
}
_NOTHING: Final = MetricOrder()


@dataclass(frozen=True, slots=True)
class SourceCandidate:
    """One source's data for one metric of one local day."""

    id: int  # stable: breaks the last tie
    provider: str
    device_type: str | None
    hours: int = 0  # distinct hours of the day that have values: coverage
    values: int = 0
    uid: str = ""  # the public id

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which an order may refer to the source."""
        return f"{SOURCE}{self.uid}", self.provider, self.device_type or "unknown"


@dataclass(frozen=True)
class Priority:
    """The orders that apply to one end user, the strongest first; the last one is the platform's."""

    layers: tuple[Order, ...] = (PLATFORM_ORDER,)

    @classmethod
    def cascade(cls, organization: object = None, end_user: object = None) -> "Priority":
        """End user over organization over platform; overrides are `{"steps": ["oura", "watch", "-manual"], "*": […]}`.

        Shape is checked where overrides are saved; what does not fit here is passed over, since a bad override may not
        keep anybody from their data.
        """
        own = (parse_order(override) for override in (end_user, organization))
        return cls((*(order for order in own if order), PLATFORM_ORDER))

    def rank(self, candidate: SourceCandidate, metric: str) -> tuple[int, ...]:
        """Return the candidate's place in every layer, lower is better; what a layer does not name is
        left to the next.
        """
        places = []
        for order in self.layers:
            ranks = _of(order, metric).ranks
            places.append(min(ranks.get(name, len(ranks)) for name in candidate.names))
        return tuple(places)

    def names(self, candidate: SourceCandidate, metric: str) -> bool:
        """Return whether an override of the end user or the organization names this source."""
        own = (_of(order, metric).ranks for order in self.layers[:-1])
        return any(name in ranks for ranks in own for name in candidate.names)

    def excludes(self, candidate: SourceCandidate, metric: str) -> bool:
        """Return whether the source counts for nothing; the strongest layer that says anything of it decides."""
        for order in self.layers[:-1]:
            one = _of(order, metric)
            if any(name in one.excluded for name in candidate.names):
                return True
            if any(name in one.ranks for name in candidate.names):
                return False
        return False

    def min_coverage(self, metric: str) -> int:
        """Return the minutes that a figure must cover to be shown."""
        chosen = (_of(order, metric).min_coverage for order in self.layers)
        return next((minutes for minutes in chosen if minutes is not None), 0)

    @cached_property
    def digest(self) -> int:
        """A number for these orders and the rules of the merge: figures that carry another are out of date."""
        text = repr(
            (VERSION, [sorted((metric, _ranks(one)) for metric, one in order.items()) for order in self.layers])
        )
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _of(order: Order, metric: str) -> MetricOrder:
    return order.get(metric) or order.get(WILDCARD) or _NOTHING


def _ranks(one: MetricOrder) -> tuple[object, ...]:
    """Return all but the lowest coverage, which changes what is shown and not what is computed."""
    return tuple(sorted(one.ranks.items())), tuple(sorted(one.excluded))


def parse_order(override: object) -> dict[str, MetricOrder]:
    """Return the usable part of a saved override; everything of another shape is left out."""
    if not isinstance(override, Mapping):
        return {}
    found = {}
    for metric, chosen in override.items():
        names, minutes = chosen, None
        if isinstance(chosen, Mapping):
            names, minutes = chosen.get("order", []), chosen.get("min_coverage")
        if isinstance(metric, str) and isinstance(names, list | tuple):
            found[metric] = _metric_order(names, minutes if isinstance(minutes, int) else None)
    return found


def _metric_order(names: Sequence[object], min_coverage: int | None) -> MetricOrder:
    unique = dict.fromkeys(_cleaned(name) for name in names if isinstance(name, str))
    ranked = [name for name in unique if not name.startswith("-")]
    excluded = frozenset(name[1:] for name in unique if name.startswith("-"))
    return MetricOrder({name: place for place, name in enumerate(ranked)}, excluded, min_coverage)


def bare_name(name: str) -> str:
    """Return what an entry of an order names, whether it puts it somewhere or leaves it out."""
    return _cleaned(name).removeprefix("-")


def _cleaned(name: str) -> str:
    return name.strip().lower()


def choose(candidates: Sequence[SourceCandidate], metric: str, priority: Priority) -> SourceCandidate:
    """Return the one source that counts for a metric of a day.

    By the cascade, then by how many hours it covers, then by how many values it has, then by its id. Raises
    ValueError without candidates.
    """
    return min(
        candidates,
        key=lambda candidate: (priority.rank(candidate, metric), -candidate.hours, -candidate.values, candidate.id),
    )
