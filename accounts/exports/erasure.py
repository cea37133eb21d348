"""Exports as part of what belongs to an end user: erasing someone takes their archives along."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Sum

from accounts import usage
from accounts.deletion import erasure, leftovers, orphans
from accounts.deletion.erasure import ErasedUser, Rows
from accounts.exports.models import FOLDER, DataExport


def erase(user: ErasedUser) -> Rows:
    """Remove an end user's exports; the archives go once it is committed."""
    rows = list(DataExport.objects.for_user(user.key).select_for_update())
    usage.add(user.organization_id, {usage.OBJECT_BYTES: -sum(row.written for row in rows if row.token_hash)})
    leftovers.note(user, leftovers.OBJECT, [key for row in rows for key in row.part_keys])
    return erasure.deleted(DataExport.objects.for_user(user.key))


def summary(user_key: int) -> dict[str, Any]:
    """Return how many exports there are, and how large those are that are kept."""
    found = DataExport.objects.for_user(user_key).aggregate(count=Count("key"), bytes=Sum("size_bytes"))
    return {"count": found["count"], "bytes": found["bytes"] or 0}


def known_keys(keys: Sequence[str]) -> set[str]:
    """Return those of some keys that are parts of an export."""
    rows = DataExport.objects.filter(id__in=orphans.ids_in(keys, 2))
    return {key for row in rows for key in row.part_keys}


orphans.register(orphans.Folder(FOLDER, known_keys))
erasure.register(erasure.ErasurePart("exports", erase, ("exports.DataExport",), summary))
