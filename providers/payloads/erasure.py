"""Payloads as part of what belongs to an end user: erasing someone takes the raw bodies along."""

from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from accounts import erasure
from providers.models import Payload
from wearlink.lib import storage


def erase(user_key: int) -> int:
    """Remove all payloads of an end user; their objects go once the erasure is committed."""
    payloads = Payload.objects.for_user(user_key)
    keys = list(payloads.exclude(object_key="").values_list("object_key", flat=True))
    removed, _ = payloads.delete()
    for key in keys:
        transaction.on_commit(lambda key=key: storage.delete(key))  # type: ignore[misc]
    return removed


def summary(user_key: int) -> dict[str, Any]:
    """How many payloads are kept, and their bytes."""
    found = Payload.objects.for_user(user_key).aggregate(count=Count("id"), bytes=Sum("size"))
    return {"count": found["count"], "bytes": found["bytes"] or 0}


erasure.register(erasure.ErasurePart("payloads", erase, summary))
