"""Payloads as part of what belongs to an end user: erasing someone takes the raw bodies along."""

from typing import Any

from django.db.models import Count, Sum

from accounts import erasure, leftovers, usage
from providers.models import Payload


def erase(user_key: int) -> int:
    """Remove all payloads of an end user; their objects go once the erasure is committed."""
    payloads = Payload.objects.for_user(user_key)
    objects = list(payloads.exclude(object_key="").values_list("object_key", "size"))
    removed, _ = payloads.delete()
    usage.add_of_user(user_key, {usage.OBJECT_BYTES: -sum(size for _, size in objects)})
    leftovers.note(user_key, leftovers.OBJECT, [key for key, _ in objects])
    return removed


def summary(user_key: int) -> dict[str, Any]:
    """How many payloads are kept, and their bytes."""
    found = Payload.objects.for_user(user_key).aggregate(count=Count("id"), bytes=Sum("size"))
    return {"count": found["count"], "bytes": found["bytes"] or 0}


erasure.register(erasure.ErasurePart("payloads", erase, summary))
