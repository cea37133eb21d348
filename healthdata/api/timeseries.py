"""GET /users/{user_id}/timeseries."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from healthdata import queries, serializers
from healthdata.api import answers, examples
from healthdata.api.parameters import EVERY_SERIES, RESOLUTIONS, USER_ID, TimeseriesQuery
from healthdata.api.shapes import TimeseriesPageSerializer


class TimeseriesView(EndUserView):
    """Samples as recorded, or put together by buckets."""

    query_class = TimeseriesQuery

    @extend_schema(
        operation_id="list_timeseries",
        tags=["Health data"],
        summary="Samples of a user",
        parameters=[USER_ID],
        description=(
            "Time-stamped values from `start_time` to `end_time`, both included, oldest first. Amounts over time "
            "(steps, energy) count at their start. With a `resolution`, the values of each series and source are put "
            "together by buckets aligned to UTC, each series as its catalogue entry says (mean, sum, min, max, last; "
            "sound levels by energy); sources are never mixed, so a watch and a phone give a row each. Umbrella names "
            "such as `heart_rate_variability` stand for their members, and rows carry the members' own codes. "
            "Up to 1,000 rows a page raw and 1,440 in buckets, so that a day by the minute is one call."
        ),
        responses={200: OpenApiResponse(TimeseriesPageSerializer, examples=[examples.TIMESERIES_PAGE])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        """A page of samples."""
        return Response(_page(self.end_user.key, self.query))


def _page(user_key: int, query: Mapping[str, Any]) -> dict[str, Any]:
    series = query.get("types", EVERY_SERIES)
    start, end = query["start_time"], query["end_time"]
    resolution, provider, source = query["resolution"], query.get("provider"), query.get("source")
    bound_to = answers.binding(user_key, "timeseries", series, start, end, resolution, provider, source)
    after, limit = answers.after(query.get("cursor"), bound_to), query["limit"]
    bucket_ms = RESOLUTIONS[resolution]
    if bucket_ms is None:
        page = queries.page(
            user_key,
            series=series,
            start=start,
            end=end,
            after=after,
            limit=limit,
            provider=provider,
            source=source,
        )
    else:
        page = queries.aggregate(
            user_key,
            series=series,
            start=start,
            end=end,
            bucket_ms=bucket_ms,
            after=after,
            limit=limit,
            provider=provider,
            source=source,
        )
    return answers.by_cursor(page.rows, serializers.sample, place=page.next, total=page.total, bound_to=bound_to)
