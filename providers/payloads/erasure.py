"""Payloads as part of what belongs to an end user: erasing someone takes the raw bodies along."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Sum

from accounts import usage
from accounts.deletion import erasure, leftovers, orphans
from accounts.deletion.erasure import ErasedUser, Rows
from providers.models import ImportJob, Payload


def folder(name: str, model: type[Payload] | type[ImportJob], identity: str) -> orphans.Folder:
    """Return the folder that the bodies of such rows lie in, under their `identity`."""

    def known(keys: Sequence[str]) -> set[str]:
        rows = model.objects.filter(**{f"{identity}__in": orphans.ids_in(keys, 2)})
        return set(rows.values_list("object_key", flat=True))

    return orphans.Folder(name, known)


def part(name: str, model: type[Payload] | type[ImportJob]) -> erasure.ErasurePart:
    """Return the part of an erasure that rows with bodies in the object store are; the objects go once
    it is committed.
    """

    def erase(user: ErasedUser) -> Rows:
        rows = model.objects.for_user(user.key)
        objects = list(rows.exclude(object_key="").values_list("object_key", "size"))
        removed = erasure.deleted(rows)
        usage.add(user.organization_id, {usage.OBJECT_BYTES: -sum(size for _, size in objects)})
        leftovers.note(user, leftovers.OBJECT, [key for key, _ in objects])
        return removed

    def summary(user_key: int) -> dict[str, Any]:
        found = model.objects.for_user(user_key).aggregate(count=Count("id"), bytes=Sum("size"))
        return {"count": found["count"], "bytes": found["bytes"] or 0}

    return erasure.ErasurePart(name, erase, (model._meta.label,), summary)


orphans.register(folder("payloads", Payload, "batch_id"))
erasure.register(part("payloads", Payload))
