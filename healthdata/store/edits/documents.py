"""Documents of a vendor that are sent whole: a new version replaces all that an older one left."""

from collections.abc import Collection, Mapping
from typing import Final

from django.db import connection

from healthdata.models import Origin
from healthdata.store.edits.retractions import retract
from healthdata.store.result import StoreResult
from healthdata.store.verbs import of_user

PART: Final = "#"  # stands between a document's id and the name of a part of it
_STORED: Final = f"""
    SELECT DISTINCT external_id FROM {Origin._meta.db_table}
    WHERE user_key = %s AND provider = %s AND split_part(external_id, '{PART}', 1) = ANY(%s)
"""  # noqa: S608 - the names are our own
_VERSIONS: Final = f"""
    SELECT split_part(external_id, '{PART}', 1), max(version) FROM {Origin._meta.db_table}
    WHERE user_key = %s AND provider = %s AND split_part(external_id, '{PART}', 1) = ANY(%s) AND version IS NOT NULL
    GROUP BY 1
"""  # noqa: S608 - the names are our own


def versions_of(user_key: int, provider: str, documents: Collection[str]) -> dict[str, int]:
    """Return the version in which each document is stored; those without one are not among them."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [user_key, provider, list(documents)])
        return dict(cursor.fetchall())


def retract_rest(
    user_key: int, provider: str, present: Mapping[str, Collection[str]], result: StoreResult | None = None
) -> int:
    """For each document, delete what is stored under its id or under a part of it (``{id}#{part}``), but for the ids
    that its newest version said; returns how many rows went. `result` takes down what was deleted or changed by it.
    """
    with of_user(user_key):
        with connection.cursor() as cursor:
            cursor.execute(_STORED, [user_key, provider, list(present)])
            found = {external_id for (external_id,) in cursor.fetchall()}
        parts: dict[str, set[str]] = {}
        for one in found:
            parts.setdefault(one.partition(PART)[0], set()).add(one)
        left: list[str] = []
        for document, kept in present.items():
            # the document's own id may stand for a workout or a score, which leave no origin
            mine = parts.get(document, set()) | ({document} if not kept else set())
            left += sorted(mine - set(kept))
        return retract(user_key, provider, left, result) if left else 0
