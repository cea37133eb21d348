"""Imports as part of what belongs to an end user: erasing someone takes the uploaded files along."""

from typing import Any

from django.db.models import Count, Sum

from accounts import erasure, leftovers, usage
from providers.models import ImportJob


def erase(user_key: int) -> int:
    """Remove all imports of an end user; their files go once the erasure is committed."""
    jobs = ImportJob.objects.for_user(user_key)
    objects = list(jobs.exclude(object_key="").values_list("object_key", "size"))
    removed, _ = jobs.delete()
    usage.add_of_user(user_key, {usage.OBJECT_BYTES: -sum(size for _, size in objects)})
    leftovers.note(user_key, leftovers.OBJECT, [key for key, _ in objects])
    return removed


def summary(user_key: int) -> dict[str, Any]:
    """How many files were imported, and their bytes."""
    found = ImportJob.objects.for_user(user_key).aggregate(count=Count("id"), bytes=Sum("size"))
    return {"count": found["count"], "bytes": found["bytes"] or 0}


erasure.register(erasure.ErasurePart("imports", erase, summary))
