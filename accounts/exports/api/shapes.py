"""Request and response shapes of the exports' endpoints, and an export as the API shows it."""

from datetime import datetime
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from accounts.exports import links
from accounts.exports.contract import ExportFormat
from accounts.exports.models import DataExport
from accounts.exports.options import ExportOptions, chosen
from wearlink.lib import clock
from wearlink.lib.api.jobs import AcceptedJobSerializer, JobSerializer
from wearlink.lib.api.pagination import PagePagination
from wearlink.lib.api.queries import CommaListField
from wearlink.lib.errors import InvalidInput

Json = dict[str, Any]
DOWNLOAD_STATES: Final = ("ready", "downloaded", "expired")


class ExportQuery(serializers.Serializer[Any]):
    """The choice of an export's content and format."""

    types = CommaListField(
        required=False,
        help_text="Types of data (profile, connections, sources, samples, workouts, sleep, health_scores, summaries, "
        "nutrition), or series such as heart_rate for samples of these alone; default everything.",
    )
    start_date = serializers.DateField(required=False, help_text="First local day, YYYY-MM-DD.")
    end_date = serializers.DateField(required=False, help_text="Last local day, included.")
    format = serializers.ChoiceField(
        [one.value for one in ExportFormat],
        default=ExportFormat.NDJSON.value,
        help_text="Of samples; everything else is NDJSON.",
    )

    def validate(self, attrs: Json) -> Json:
        """Raise ValidationError on end_date where the range runs backwards, and on types that are unknown."""
        first, last = attrs.get("start_date"), attrs.get("end_date")
        if first is not None and last is not None and last < first:
            raise serializers.ValidationError({"end_date": "is before start_date."})
        try:
            attrs["chosen"] = chosen(attrs["types"]) if "types" in attrs else (None, None)
        except InvalidInput as error:
            raise serializers.ValidationError({"types": error.errors[0].message}) from error
        return attrs


def options_of(query: Any) -> ExportOptions:
    """Return what a validated ExportQuery asks for."""
    types, series = query["chosen"]
    return ExportOptions(types, series, query.get("start_date"), query.get("end_date"), ExportFormat(query["format"]))


class ExportAcceptedSerializer(AcceptedJobSerializer):
    """The id of an export that has been queued."""

    export_id = serializers.UUIDField(help_text="The same id. Ask GET /users/{user_id}/exports/{export_id}.")


class ExportSerializer(JobSerializer):
    """An export with its state, its options and, once it is ready, its link."""

    export_id = serializers.UUIDField(help_text="The same as id.")
    download_state = serializers.ChoiceField(
        DOWNLOAD_STATES, allow_null=True, help_text="Of one that is done: whether its link is still good. null before."
    )
    download_url = serializers.CharField(
        allow_null=True, help_text="Opens once, for anybody who has it, until expires_at; null before and after."
    )
    size_bytes = serializers.IntegerField(allow_null=True, help_text="Size of the archive; null before it is ready.")
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Until when the link is good.")
    downloaded_at = serializers.DateTimeField(allow_null=True, help_text="When it was fetched; null: it was not.")
    types = serializers.ListField(child=serializers.CharField(), help_text="Types of data it holds.")
    series = serializers.ListField(child=serializers.CharField(), allow_null=True, help_text="null: all of them.")
    start_date = serializers.DateField(allow_null=True)
    end_date = serializers.DateField(allow_null=True)
    format = serializers.ChoiceField([one.value for one in ExportFormat], help_text="Of samples.")


class ExportPageSerializer(serializers.Serializer[Any]):
    """A page of exports, newest first."""

    data = ExportSerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()


def shown(export: DataExport) -> Json:
    """Return an export as the API shows it."""
    state, options = export.state_at(clock.now()), ExportOptions.of_row(export.options)
    is_ready = state == DataExport.State.READY
    return {
        "id": str(export.id),
        "export_id": str(export.id),
        "status": export.status,
        "download_state": state if state in DOWNLOAD_STATES else None,
        "download_url": links.address(export.token) if is_ready else None,
        "size_bytes": export.size_bytes,
        "expires_at": _time(export.expires_at),
        "created_at": _time(export.created_at),
        "started_at": _time(export.started_at),
        "finished_at": _time(export.finished_at),
        "downloaded_at": _time(export.downloaded_at),
        "types": [part.name for part in options.parts()],
        "series": None if options.series is None else list(options.series),
        "start_date": options.start_date,
        "end_date": options.end_date,
        "format": options.format.value,
        "error": export.error or None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else clock.rfc3339(clock.to_ms(moment))


_EXPORT: Final[Json] = {
    "id": "7d1f6f0e-3c55-4a8e-9a0b-5b9d8a1c2e3f",
    "export_id": "7d1f6f0e-3c55-4a8e-9a0b-5b9d8a1c2e3f",
    "status": "done",
    "download_state": "ready",
    "download_url": "https://wearlink.example.com/api/v1/data-exports/Zm9v…/download",
    "size_bytes": 734_003,
    "expires_at": "2026-04-24T10:00:00Z",
    "created_at": "2026-04-23T09:59:40Z",
    "started_at": "2026-04-23T09:59:41Z",
    "finished_at": "2026-04-23T10:00:00Z",
    "downloaded_at": None,
    "types": ["profile", "samples", "workouts"],
    "series": None,
    "start_date": None,
    "end_date": None,
    "format": "ndjson",
    "error": None,
}
ACCEPTED: Final = OpenApiExample(
    "Queued",
    response_only=True,
    status_codes=["202"],
    value={"id": _EXPORT["id"], "status": "queued", "export_id": _EXPORT["id"]},
)
READY: Final = OpenApiExample("Ready", response_only=True, status_codes=["200"], value=_EXPORT)
PAGE: Final = OpenApiExample(
    "Exports",
    response_only=True,
    status_codes=["200"],
    value={
        "data": [_EXPORT],
        "pagination": {"page": 1, "limit": 20, "total_count": 1, "total_pages": 1, "has_more": False},
    },
)
