"""Documents of a vendor that are sent whole: a new version replaces all that an older one left."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db.models import F, Func, Max, QuerySet, TextField, Value

from healthdata.models import Origin
from healthdata.store.edits.retractions import retract
from healthdata.store.result import StoreResult
from healthdata.store.verbs import of_user

PART: Final = "#"  # between a document's id and the name of a part of it
_DOCUMENT: Final = Func(F("external_id"), Value(PART), Value(1), function="split_part", output_field=TextField())


def versions_of(user_key: int, provider: str, documents: Collection[str]) -> dict[str, int]:
    """Return the version in which each document is stored; those without one are not among them."""
    rows = _parts(user_key, provider, documents).filter(version__isnull=False)
    return dict(rows.values_list("document").annotate(Max("version")))


def retract_rest(
    user_key: int, provider: str, present: Mapping[str, Collection[str]], result: StoreResult | None = None
) -> int:
    """Delete what is stored under the id of each document or under a part of it (``{id}#{part}``), but for the ids
    that its newest version has. Return the number of deleted rows; `result` records deleted and changed rows.
    """
    with of_user(user_key):
        parts: dict[str, set[str]] = {}
        for one in _parts(user_key, provider, present).values_list("external_id", flat=True).distinct():
            parts.setdefault(one.partition(PART)[0], set()).add(one)
        left: list[str] = []
        for document, kept in present.items():
            # the document's own id may be that of a workout or a score, which leave no origin
            mine = parts.get(document, set()) | ({document} if not kept else set())
            left += sorted(mine - set(kept))
        return retract(user_key, provider, left, result) if left else 0


def _parts(user_key: int, provider: str, documents: Collection[str]) -> "QuerySet[Any]":
    """Return what is stored under these ids or under a part of them, each with its `document`."""
    rows = Origin.objects.filter(user_key=user_key, provider=provider).order_by()
    return rows.annotate(document=_DOCUMENT).filter(document__in=list(documents))
