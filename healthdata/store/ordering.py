"""The orders of sources that hold for an end user, where the store has to choose."""

from accounts.models import EndUser
from healthdata.models import Source
from healthdata.preferences import Priority, SourceCandidate


def priority_of(user_key: int) -> Priority:
    """End user over organization over platform; the platform's alone for who is unknown."""
    end_user = EndUser.objects.select_related("organization").defer("search_text").filter(key=user_key).first()
    if end_user is None:
        return Priority()
    return Priority.cascade(end_user.organization.source_priority, end_user.source_priority)


def candidate_of(source: Source) -> SourceCandidate:
    """The source as orders know it."""
    return SourceCandidate(source.id, source.provider, source.device_type, uid=str(source.uid))
