"""The orders of sources that hold for an end user, where the store has to choose."""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.models import EndUser
from healthdata.merge.preferences import Priority, SourceCandidate
from healthdata.models import Source


def priority_of(user_key: int) -> Priority:
    """Return the end user's order over the organization's over the platform's; for an unknown end user the last."""
    end_user = EndUser.objects.select_related("organization").defer("search_text").filter(key=user_key).first()
    if end_user is None:
        return Priority()
    return Priority.cascade(end_user.organization.source_priority, end_user.source_priority)


@dataclass(frozen=True, slots=True)
class Standing:
    """The ranks of an end user's sources for one metric."""

    priority: Priority
    sources: Mapping[int, Source]
    metric: str

    @classmethod
    def load(cls, user_key: int, metric: str) -> "Standing":
        sources = {source.id: source for source in Source.objects.filter(user_key=user_key)}
        return cls(priority_of(user_key), sources, metric)

    def _counts_as(self, source_id: int) -> Source:
        source = self.sources[source_id]
        return self.sources.get(source.merged_into or source.id, source)

    def rank(self, source_id: int) -> tuple[int, ...]:
        """Return its place, or that of the one it is merged into; lower is better."""
        return self.priority.rank(candidate_of(self._counts_as(source_id)), self.metric)

    def is_left_out(self, source_id: int) -> bool:
        """Return whether it counts for nothing: hidden, or excluded by an order."""
        owner = self._counts_as(source_id)
        hidden = owner.is_hidden or self.sources[source_id].is_hidden
        return hidden or self.priority.excludes(candidate_of(owner), self.metric)


def candidate_of(source: Source) -> SourceCandidate:
    """Return the source as orders know it."""
    return SourceCandidate(source.id, source.provider, source.device_type, uid=str(source.uid))
