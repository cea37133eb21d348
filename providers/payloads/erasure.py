"""Payloads as part of what belongs to an end user: erasing someone takes the raw bodies along."""

from typing import Any

from django.db.models import Count, Sum

from accounts import erasure, leftovers, usage
from providers.models import ImportJob, Payload


def part(name: str, model: type[Payload] | type[ImportJob]) -> erasure.ErasurePart:
    """The part of an erasure that rows with bodies in the object store are; the objects go once it is committed."""

    def erase(user_key: int) -> int:
        rows = model.objects.for_user(user_key)
        objects = list(rows.exclude(object_key="").values_list("object_key", "size"))
        removed, _ = rows.delete()
        usage.add_of_user(user_key, {usage.OBJECT_BYTES: -sum(size for _, size in objects)})
        leftovers.note(user_key, leftovers.OBJECT, [key for key, _ in objects])
        return removed

    def summary(user_key: int) -> dict[str, Any]:
        found = model.objects.for_user(user_key).aggregate(count=Count("id"), bytes=Sum("size"))
        return {"count": found["count"], "bytes": found["bytes"] or 0}

    return erasure.ErasurePart(name, erase, summary)


erasure.register(part("payloads", Payload))
