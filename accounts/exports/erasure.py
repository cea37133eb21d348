"""Exports as part of what belongs to an end user: erasing someone takes their archives along."""

from typing import Any

from django.db.models import Count, Sum

from accounts import erasure, leftovers, usage
from accounts.exports.models import DataExport


def erase(user_key: int) -> int:
    """Remove an end user's exports; the archives go once it is committed."""
    rows = list(DataExport.objects.for_user(user_key).select_for_update())
    usage.add_of_user(user_key, {usage.OBJECT_BYTES: -sum(row.written for row in rows if row.token_hash)})
    leftovers.note(user_key, leftovers.OBJECT, [key for row in rows for key in row.part_keys])
    return DataExport.objects.for_user(user_key).delete()[0]


def summary(user_key: int) -> dict[str, Any]:
    """How many exports there are, and how large those are that are kept."""
    found = DataExport.objects.for_user(user_key).aggregate(count=Count("key"), bytes=Sum("size_bytes"))
    return {"count": found["count"], "bytes": found["bytes"] or 0}


erasure.register(erasure.ErasurePart("exports", erase, summary))
