"""The shapes of uploads by signed links for the OpenAPI schema."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from providers.api.schema.import_shapes import ImportAcceptedSerializer
from providers.imports.arrivals import MAX_LINK_SECONDS
from wearlink.lib.api.jobs import AcceptedJobSerializer

Json = dict[str, Any]
MAX_NAME: Final = 255
_USER: Final = "550e8400-e29b-41d4-a716-446655440000"
_JOB: Final = "7d1f6f0e-3c55-4a8e-9a0b-5b9d8a1c2e3f"
_KEY: Final = f"imports/1f0c7a52-6f0e-4c55-8e9a-0b5b9d8a1c2e/{_JOB}"


class UploadLinkSerializer(serializers.Serializer[Json]):
    """The file that will be uploaded. Every field may be left out."""

    file_size_bytes = serializers.IntegerField(
        required=False, min_value=1, help_text="The file's exact size. The link then takes no other."
    )
    filename = serializers.CharField(
        required=False,
        max_length=MAX_NAME,
        help_text="What the file is called on your side. Nothing is named after it, and it is not kept.",
    )
    expiration_seconds = serializers.IntegerField(
        required=False,
        min_value=1,
        default=MAX_LINK_SECONDS,
        help_text="How long the link is good: 60 to 3600; what is below or above becomes that.",
    )


class UploadLinkAnswerSerializer(ImportAcceptedSerializer):
    """The address to which the file is to be PUT."""

    presigned_put_url = serializers.URLField(help_text="PUT the file here, as the body and nothing around it.")
    key = serializers.CharField(help_text="The object that it becomes.")
    awaiting_upload = serializers.BooleanField(help_text="True: the import waits for the file.")
    expires_at = serializers.DateTimeField(help_text="A PUT must have begun by then.")
    required_headers = serializers.DictField(
        child=serializers.CharField(),
        help_text="Headers that the PUT must have, exactly so. Most clients do by themselves.",
    )
    max_size_bytes = serializers.IntegerField(help_text="A larger file is deleted when it arrives.")


class UploadStoredSerializer(AcceptedJobSerializer):
    """The file is stored and will be imported."""

    job_id = serializers.UUIDField(help_text="The same as id.")


SIZED: Final = OpenApiExample("By size", request_only=True, value={"file_size_bytes": 220_000_000})
NAMED: Final = OpenApiExample("By name", request_only=True, value={"filename": "export.xml", "expiration_seconds": 300})
LINK: Final = OpenApiExample(
    "A link",
    response_only=True,
    status_codes=["202"],
    value={
        "presigned_put_url": f"https://uploads.example.com/bucket/{_KEY}?X-Amz-Algorithm=AWS4-HMAC-SHA256&…",
        "key": _KEY,
        "id": _JOB,
        "job_id": _JOB,
        "user_id": _USER,
        "status": "queued",
        "awaiting_upload": True,
        "expires_at": "2026-04-23T09:00:00Z",
        "required_headers": {"Content-Length": "220000000"},
        "max_size_bytes": 5_368_709_120,
    },
)
COMPLETED: Final = OpenApiExample(
    "It is there",
    response_only=True,
    status_codes=["202"],
    value={"id": _JOB, "job_id": _JOB, "status": "queued", "user_id": _USER},
)
STORED: Final = OpenApiExample(
    "Stored", response_only=True, status_codes=["200"], value={"id": _JOB, "job_id": _JOB, "status": "queued"}
)
