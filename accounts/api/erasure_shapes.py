"""An erasure as the API shows it."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from accounts.deletion import erasing
from accounts.models import Erasure, Leftover
from wearlink.lib.api.jobs import JobSerializer
from wearlink.lib.api.pagination import PagePagination


class ReceiptSerializer(serializers.Serializer[Any]):
    """Proof of an erasure, without personal data."""

    erasure_id = serializers.UUIDField(help_text="The erasure.")
    organization_id = serializers.UUIDField()
    user_id = serializers.UUIDField(help_text="The id that the user had.")
    requested_at = serializers.DateTimeField(help_text="When it was asked for.")
    finished_at = serializers.DateTimeField(help_text="When nothing was left.")
    rows = serializers.DictField(child=serializers.IntegerField(), help_text="Rows deleted, by table.")
    things = serializers.DictField(
        child=serializers.IntegerField(), help_text="What was removed elsewhere, by kind: objects, messages, grants."
    )
    digest = serializers.CharField(help_text="SHA-256 of the fields above as JSON with sorted names, no blanks.")
    signature = serializers.CharField(help_text="Ours, over the digest; `manage.py verify_receipt` checks it.")


class ErasureSerializer(JobSerializer):
    """The progress of an end user's erasure."""

    user_id = serializers.UUIDField(help_text="The id that the user had.")
    rows = serializers.DictField(child=serializers.IntegerField(), help_text="Rows deleted so far, by table.")
    left = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="What is still to be removed elsewhere, by kind.",
    )
    receipt = ReceiptSerializer(allow_null=True, help_text="Once it has ended.")


class ErasurePageSerializer(serializers.Serializer[Any]):
    """A page of erasures, newest first."""

    data = ErasureSerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()


def shown(row: Erasure) -> dict[str, Any]:
    """Return how far it is, and its receipt."""
    left: dict[str, int] = {}
    if row.finished_at is None:
        for kind in Leftover.objects.filter(user_id=row.user_id).values_list("kind", flat=True):
            left[kind] = left.get(kind, 0) + 1
    done = row.finished_at is not None
    return {
        "id": str(row.id),
        "status": row.status,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "error": None if done or not left else "Waits for: " + ", ".join(sorted(left)) + ".",
        "user_id": str(row.user_id),
        "rows": row.rows,
        "left": left,
        "receipt": {**erasing.receipt_of(row), "digest": row.digest, "signature": row.receipt} if done else None,
    }


_RUNNING: Final[dict[str, Any]] = {
    "id": "7d1f6f0e-3c55-4a8e-9a0b-5b9d8a1c2e3f",
    "status": "running",
    "created_at": "2026-04-23T10:00:00Z",
    "started_at": "2026-04-23T10:00:00Z",
    "finished_at": None,
    "error": "Waits for: grant at a vendor.",
    "user_id": "550e8400-e29b-41d4-a716-446655440000",
    "rows": {"accounts.EndUser": 1, "healthdata.SampleChunk": 9_412, "providers.Connection": 1},
    "left": {"grant at a vendor": 1},
    "receipt": None,
}
_DONE: Final[dict[str, Any]] = _RUNNING | {
    "status": "done",
    "finished_at": "2026-04-23T10:00:31Z",
    "error": None,
    "left": {},
    "receipt": {
        "erasure_id": _RUNNING["id"],
        "organization_id": "b3a1c5de-8b0f-4a53-9a3e-0d5b7f2c6e11",
        "user_id": _RUNNING["user_id"],
        "requested_at": "2026-04-23T10:00:00Z",
        "finished_at": "2026-04-23T10:00:31Z",
        "rows": _RUNNING["rows"],
        "things": {"grant at a vendor": 1, "object": 12},
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "signature": "eyJhbGciOiJIUzI1NiIs…",
    },
}
RUNNING: Final = OpenApiExample("Something is left", value=_RUNNING, response_only=True, status_codes=["202"])
DONE: Final = OpenApiExample("Nothing is left", value=_DONE, response_only=True, status_codes=["200"])
PAGE: Final = OpenApiExample(
    "Erasures",
    value={
        "data": [_DONE],
        "pagination": {"page": 1, "limit": 20, "total_count": 1, "total_pages": 1, "has_more": False},
    },
    response_only=True,
)
