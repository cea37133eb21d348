"""The shapes of imports for the OpenAPI schema, and a job as the API shows it."""

from datetime import datetime
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from providers.models import ImportJob
from wearlink.lib.api.jobs import AcceptedJobSerializer, JobSerializer
from wearlink.lib.api.pagination import PagePagination
from wearlink.lib.clock import rfc3339, to_ms

Json = dict[str, Any]

_USER: Final = "550e8400-e29b-41d4-a716-446655440000"
_JOB: Final = "7d1f6f0e-3c55-4a8e-9a0b-5b9d8a1c2e3f"
_COLLECTIONS: Final = ("records", "workouts", "routes", "activity_summaries")


class ImportUploadSerializer(serializers.Serializer[Json]):
    """A file to import, sent as a form."""

    file = serializers.FileField(help_text="export.zip as the Health app makes it, or the export.xml in it.")


class ImportAcceptedSerializer(AcceptedJobSerializer):
    """The file is stored and will be imported."""

    job_id = serializers.UUIDField(help_text="The same as id: GET /users/{user_id}/imports/{job_id} shows more.")
    user_id = serializers.UUIDField()


class ImportWarningSerializer(serializers.Serializer[Json]):
    """A fault of the file itself."""

    code = serializers.CharField(help_text="cut_off, or the parser's name for the fault.")
    message = serializers.CharField()
    line = serializers.IntegerField(allow_null=True, help_text="Line of the XML.")


class ImportRejectedExampleSerializer(serializers.Serializer[Json]):
    """A refused element of a file, with the reason. Its content is not repeated."""

    collection = serializers.ChoiceField(_COLLECTIONS, help_text="Which kind of element.")
    index = serializers.IntegerField(min_value=0, help_text="Place among the elements of the file, from 0.")
    field = serializers.CharField(help_text="Attribute at fault.", allow_blank=True)
    reason = serializers.CharField(help_text="A code such as bad_date or unknown_unit:furlong.")


class ImportJobSerializer(JobSerializer):
    """An import with its progress and its counts."""

    job_id = serializers.UUIDField(help_text="The same as id.")
    user_id = serializers.UUIDField()
    provider = serializers.CharField(help_text="apple.")
    kind = serializers.CharField(help_text="apple_xml.")
    awaiting_upload = serializers.BooleanField(help_text="Queued, but its file is still to come by a link.")
    size_bytes = serializers.IntegerField(allow_null=True, help_text="Size of the uploaded file, once it is there.")
    bytes_read = serializers.IntegerField(help_text="Of the XML, unpacked.")
    bytes_total = serializers.IntegerField(allow_null=True, help_text="Of the XML; known once the file is checked.")
    records = serializers.IntegerField(help_text="Records stored: inserted + updated + unchanged.")
    inserted = serializers.IntegerField(help_text="Records that are new.")
    updated = serializers.IntegerField(help_text="Records that replaced an older value.")
    unchanged = serializers.IntegerField(help_text="Records that were there already, by whatever way they came.")
    records_per_second = serializers.FloatField(allow_null=True, help_text="Speed so far.")
    seconds_left = serializers.FloatField(allow_null=True, help_text="At the speed so far.")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Records read, by series or kind.")
    rejected = serializers.DictField(child=serializers.IntegerField(), help_text="Refusals by reason.")
    rejected_examples = ImportRejectedExampleSerializer(many=True, help_text="The first few refusals.")
    warnings = ImportWarningSerializer(many=True, help_text="What is wrong with the file, and where.")
    error_code = serializers.CharField(allow_null=True, help_text="A word for why it failed.")


class ImportPageSerializer(serializers.Serializer[Json]):
    """A page of imports, newest first."""

    data = ImportJobSerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()


def shown(job: ImportJob, user_id: str) -> Json:
    """Return a job as the API shows it."""
    return {
        "id": str(job.job_id),
        "job_id": str(job.job_id),
        "user_id": user_id,
        "provider": job.provider,
        "kind": job.kind,
        "status": job.status,
        "awaiting_upload": job.awaits_upload,
        "created_at": _time(job.created_at),
        "started_at": _time(job.started_at),
        "finished_at": _time(job.finished_at),
        "size_bytes": job.size or None,
        "bytes_read": job.bytes_read,
        "bytes_total": job.bytes_total,
        "records": job.records,
        "inserted": job.inserted,
        "updated": job.updated,
        "unchanged": job.unchanged,
        "records_per_second": job.records_per_second,
        "seconds_left": job.seconds_left,
        "counts": job.counts,
        "rejected": job.rejected,
        "rejected_examples": job.reject_samples,
        "warnings": job.warnings,
        "error_code": job.error_code or None,
        "error": job.error or None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(to_ms(moment))


_RUNNING: Final[Json] = {
    "id": _JOB,
    "job_id": _JOB,
    "user_id": _USER,
    "provider": "apple",
    "kind": "apple_xml",
    "status": "running",
    "awaiting_upload": False,
    "created_at": "2026-04-23T08:00:00Z",
    "started_at": "2026-04-23T08:00:01Z",
    "finished_at": None,
    "size_bytes": 13_412_882,
    "bytes_read": 104_857_600,
    "bytes_total": 209_715_200,
    "records": 225_000,
    "inserted": 220_000,
    "updated": 0,
    "unchanged": 5_000,
    "records_per_second": 75_000.0,
    "seconds_left": 3.0,
    "counts": {"heart_rate": 200_000, "steps": 24_960, "sleep": 38, "workout": 2},
    "rejected": {"unknown_unit:furlong": 1},
    "rejected_examples": [
        {"collection": "records", "index": 4711, "field": "unit", "reason": "unknown_unit:furlong"},
    ],
    "warnings": [],
    "error_code": None,
    "error": None,
}
ACCEPTED: Final = OpenApiExample(
    "Stored",
    response_only=True,
    status_codes=["202"],
    value={"id": _JOB, "job_id": _JOB, "status": "queued", "user_id": _USER},
)
RUNNING: Final = OpenApiExample("Half-way", response_only=True, status_codes=["200"], value=_RUNNING)
PAGE: Final = OpenApiExample(
    "Imports",
    response_only=True,
    status_codes=["200"],
    value={
        "data": [_RUNNING],
        "pagination": {"page": 1, "limit": 20, "total_count": 1, "total_pages": 1, "has_more": False},
    },
)
