"""GET /users/{user_id}/zone-changes."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from healthdata.api.parameters import USER_ID
from healthdata.models import ZoneChange
from wearlink.lib.api.jobs import JobSerializer, JobStatus
from wearlink.lib.api.pagination import WholePagination, whole
from wearlink.lib.clock import rfc3339, to_ms

MAX_CHANGES: Final = 100
EXAMPLE: Final = OpenApiExample(
    "A zone that was set late",
    {
        "data": [
            {
                "id": "0d7c1c2e-6b0e-4c8b-9a55-0f6b8b1d2a11",
                "status": "done",
                "created_at": "2026-04-23T10:00:00Z",
                "started_at": "2026-04-23T10:00:01Z",
                "finished_at": "2026-04-23T10:00:03Z",
                "error": None,
                "time_zone": "America/Los_Angeles",
                "valid_from": "1970-01-01T00:00:00Z",
                "is_learned": False,
                "days_changed": 41,
                "workouts_moved": 3,
                "sleep_sessions_moved": 0,
            }
        ],
        "pagination": {"total_count": 1, "has_more": False},
    },
    response_only=True,
)


class ZoneChangeSerializer(JobSerializer):
    """A change of an end user's time zone, and the rows that it has changed."""

    time_zone = serializers.CharField(help_text="IANA name.")
    valid_from = serializers.DateTimeField(help_text="From when on days follow it.")
    is_learned = serializers.BooleanField(help_text="Learned from the user's data; false: set by PATCH.")
    days_changed = serializers.IntegerField(help_text="Days of which a figure is another one now.")
    workouts_moved = serializers.IntegerField(help_text="Workouts that belong to another day now.")
    sleep_sessions_moved = serializers.IntegerField(help_text="Sleep that belongs to another day now.")


class ZoneChangesSerializer(serializers.Serializer[Any]):
    """The newest rebuilds after changes of time zone."""

    data = ZoneChangeSerializer(many=True)  # type: ignore[assignment]
    pagination = WholePagination()


class ZoneChangesView(EndUserView):
    """The rebuilds that other time zones asked for."""

    @extend_schema(
        operation_id="list_zone_changes",
        tags=["Health data"],
        summary="Time zone changes of a user",
        parameters=[USER_ID],
        description=(
            "A time zone that is set late (`PATCH /users/{user_id}`) or learned from the user's data corrects the days "
            "before: figures, workouts, nights and scores are brought in line in the background. Here is how far that "
            "is and what it changed, newest first, at most 100. Zones are learned from the offsets of samples, "
            "workouts and sleep, and from what the phone says of its own clock; `+00:00` says nothing, since clients "
            "write it that know no zone. What you set takes precedence over what is learned."
        ),
        responses={200: OpenApiResponse(ZoneChangesSerializer, examples=[EXAMPLE])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        rows = ZoneChange.objects.filter(user_key=self.end_user.key).order_by("-created_at")[:MAX_CHANGES]
        return Response(whole([_shown(row) for row in rows]))


def _shown(row: ZoneChange) -> dict[str, Any]:
    ended, begun = row.finished_at, row.started_at
    status = JobStatus.DONE if ended else JobStatus.RUNNING if begun else JobStatus.QUEUED
    return {
        "id": str(row.id),
        "status": status.value,
        "created_at": rfc3339(to_ms(row.created_at)),
        "started_at": begun and rfc3339(to_ms(begun)),
        "finished_at": ended and rfc3339(to_ms(ended)),
        "error": None,
        "time_zone": row.zone,
        "valid_from": rfc3339(row.valid_from),
        "is_learned": row.is_learned,
        "days_changed": row.days,
        "workouts_moved": row.workouts,
        "sleep_sessions_moved": row.sleep_sessions,
    }
