"""GET /changes and /users/{user_id}/changes: what changed, for customers that keep a copy."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from accounts.models import EndUser
from healthdata.api.parameters import USER_ID, CursorField
from healthdata.models import DataChange
from healthdata.queries import feed
from wearlink.lib.api import cursors
from wearlink.lib.api.views import TenantView
from wearlink.lib.clock import rfc3339, to_ms

DESCRIPTION: Final = (
    "What was inserted, updated and deleted, by type of data and local days, in the order in which it became visible "
    "and without gaps: nothing is ever put in before what was read already. Keep `next_cursor` of the last page, which "
    "is never null, and ask again with it later. Each row says what to read again: the series between `start_date` and "
    "`end_date`, or the workout, sleep session or score of `resource_id`, which a deletion names, too. Rows are kept "
    "for 90 days."
)
EXAMPLE: Final = OpenApiExample(
    "A night, and the heart rate of two days",
    {
        "data": [
            {
                "user_id": "550e8400-e29b-41d4-a716-446655440000",
                "data_type": "sleep",
                "action": "updated",
                "provider": "oura",
                "resource_id": "0b8a4b8e-6a5e-4d1c-9c37-1f2f1c0f5a77",
                "start_date": "2026-04-15",
                "end_date": "2026-04-15",
                "count": 1,
                "changed_at": "2026-04-15T07:02:11.402Z",
            },
            {
                "user_id": "550e8400-e29b-41d4-a716-446655440000",
                "data_type": "heart_rate",
                "action": "inserted",
                "provider": "apple",
                "resource_id": None,
                "start_date": "2026-04-14",
                "end_date": "2026-04-15",
                "count": 1440,
                "changed_at": "2026-04-15T07:02:14.118Z",
            },
        ],
        "pagination": {"next_cursor": "eyJ…", "has_more": False},
    },
    response_only=True,
)


class ChangesQuery(serializers.Serializer[Any]):
    """The place and size of a page of the change feed."""

    cursor = CursorField()
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=200, help_text="Rows a page.")


class DataChangeSerializer(serializers.Serializer[Any]):
    """A change of one end user's stored data."""

    user_id = serializers.UUIDField()
    data_type = serializers.CharField(help_text="Code of a series, or workout, sleep, health_score.")
    action = serializers.ChoiceField(
        DataChange.Action.values, help_text="updated: some of the rows were there before; deleted: some are gone."
    )
    provider = serializers.CharField()
    resource_id = serializers.UUIDField(allow_null=True, help_text="The workout, session or score; null of series.")
    start_date = serializers.DateField(help_text="First local day that it touches.")
    end_date = serializers.DateField(help_text="Last local day, included.")
    count = serializers.IntegerField(help_text="Rows it touched.")
    changed_at = serializers.DateTimeField(help_text="When it became visible.")


class FeedPagination(serializers.Serializer[Any]):
    """The cursor from which the feed continues."""

    next_cursor = serializers.CharField(help_text="Send it as `cursor`, now or later.")
    has_more = serializers.BooleanField()


class DataChangePageSerializer(serializers.Serializer[Any]):
    """A page of the feed."""

    data = DataChangeSerializer(many=True)  # type: ignore[assignment]
    pagination = FeedPagination()


class OrganizationChangesView(TenantView):
    """The feed of the organization."""

    query_class = ChangesQuery

    @extend_schema(
        operation_id="list_changes",
        tags=["Health data"],
        summary="What changed, of all users",
        description=DESCRIPTION,
        responses={200: OpenApiResponse(DataChangePageSerializer, examples=[EXAMPLE])},
    )
    def get(self, request: Request) -> Response:
        return Response(page_of(self.organization.pk, None, self.query))


class UserChangesView(EndUserView):
    """The feed of one end user."""

    query_class = ChangesQuery

    @extend_schema(
        operation_id="list_user_changes",
        tags=["Health data"],
        summary="What changed, of one user",
        parameters=[USER_ID],
        description=DESCRIPTION,
        responses={200: OpenApiResponse(DataChangePageSerializer, examples=[EXAMPLE])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        return Response(page_of(self.organization.pk, self.end_user.key, self.query))


def page_of(organization: UUID, user_key: int | None, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a query of ChangesQuery answers; user_key None: all users. Raises InvalidInput on a
    foreign cursor.
    """
    bound_to = f"changes\x1f{organization}\x1f{user_key}"
    cursor = query.get("cursor")
    after = 0 if cursor is None else int(cursors.unsign(cursor, bound_to)[0])
    page = feed.page(organization, user_key=user_key, after=after, limit=query["limit"])
    pagination = {"next_cursor": cursors.sign([page.after], bound_to), "has_more": page.more}
    return {"data": _rows(page.rows), "pagination": pagination}


def _rows(changes: Sequence[DataChange]) -> list[dict[str, Any]]:
    ids = dict(EndUser.objects.filter(pk__in={one.user_key for one in changes}).values_list("key", "id"))
    return [
        {
            "user_id": str(ids[one.user_key]),
            "data_type": one.data_type,
            "action": one.action,
            "provider": one.provider,
            "resource_id": None if one.resource is None else str(one.resource),
            "start_date": one.first.isoformat(),
            "end_date": one.last.isoformat(),
            "count": one.count,
            "changed_at": rfc3339(to_ms(one.at)),
        }
        for one in changes
        if one.user_key in ids
    ]
