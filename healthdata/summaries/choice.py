"""The choice of the source that counts for a figure of a day, for thousands of figures at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import msgspec

from healthdata.merge.preferences import Priority, SourceCandidate
from healthdata.queries import Figure


class DataSource(NamedTuple):
    """The provider and device behind a figure, as they are shown."""

    provider: str
    device: str | None


@dataclass(frozen=True, slots=True)
class Reader:
    """An end user, and the order of sources that holds for them."""

    user_key: int
    priority: Priority


class Offer(msgspec.Struct, frozen=True, gc=False):
    """One source's value of a figure that is a sum; the names are those of Figure."""

    source_id: int
    provider: str
    device: str | None
    device_type: str
    value: float
    hours: int
    n: int


AnyOffer = TypeVar("AnyOffer", Offer, Figure, Offer | Figure)


@dataclass(slots=True)
class Chooser:
    """days.choose for thousands of day figures: a source's rank for a metric is worked out once."""

    priority: Priority
    _ranks: dict[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)
    _shown: dict[int, DataSource] = field(default_factory=dict)

    def rank(self, metric: str, offer: Offer | Figure) -> tuple[int, ...]:
        known = self._ranks.get((metric, offer.source_id))
        if known is None:
            candidate = SourceCandidate(offer.source_id, offer.provider, offer.device_type, 0, 0)
            known = self._ranks[metric, offer.source_id] = self.priority.rank(candidate, metric)
        return known

    def shown(self, offer: Offer | Figure) -> DataSource:
        """Return the offer's source, one object a source."""
        known = self._shown.get(offer.source_id)
        if known is None:
            known = self._shown[offer.source_id] = DataSource(offer.provider, offer.device)
        return known

    def best(self, metric: str, offers: Sequence[AnyOffer]) -> AnyOffer:
        """Return the one that counts: by rank, hours covered, number of values, and the source's id."""
        if len(offers) == 1:
            return offers[0]
        return min(offers, key=lambda offer: (self.rank(metric, offer), -offer.hours, -offer.n, offer.source_id))
