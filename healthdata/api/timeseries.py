"""GET /users/{user_id}/timeseries."""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from accounts.end_users import zones as user_zones
from healthdata import queries, serializers
from healthdata.api import answers, examples
from healthdata.api.parameters import EVERY_SERIES, RESOLUTIONS, USER_ID, TimeseriesQuery
from healthdata.api.shapes import TimeseriesPageSerializer
from healthdata.days import ZoneHistory
from healthdata.models.series import HOUR_MS

MINUTE_MS: Final = 60_000


class TimeseriesView(EndUserView):
    """Samples as recorded, or put together by buckets."""

    query_class = TimeseriesQuery

    @extend_schema(
        operation_id="list_timeseries",
        tags=["Health data"],
        summary="Samples of a user",
        parameters=[USER_ID],
        description=(
            "Time-stamped values from `start_time` up to `end_time`, which is no part of the range (an end such as "
            "23:59:59 includes all of that second), oldest first. Raw amounts over time (steps, energy) are listed at "
            "their start; in buckets they are shared out over the time they cover, and means are by time. With a "
            "`resolution`, the values of each series and source are put together by buckets aligned to UTC (hours to "
            "the user's own at the beginning of the range, which begin at half past in India), each series as its "
            "catalogue entry says (mean, sum, min, max, last; sound levels by energy); sources are never mixed, so a "
            "watch and a phone give a row each. Umbrella names such as `heart_rate_variability` cover their "
            "members, and rows carry their codes. Up to 1,000 rows a page raw and 1,440 in buckets, so that a day by "
            "the minute is one call."
        ),
        responses={200: OpenApiResponse(TimeseriesPageSerializer, examples=[examples.TIMESERIES_PAGE])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        return Response(rows_of(self.end_user.key, self.query))


def last_moment(end: int) -> int:
    """Return the last millisecond of a range that ends at `end`, which is no part of it, so that no value is in two
    ranges.

    Who ends a day with 23:59:59 means all of that second.
    """
    return end + 999 if end % MINUTE_MS == MINUTE_MS - 1000 else end - 1


def _shift(user_key: int, start: int, bucket_ms: int) -> int:
    """Return how much later (ms) than UTC's the user's hours begin: half an hour in India."""
    if bucket_ms < HOUR_MS:  # no clock on earth differs by less than a quarter
        return 0
    offset = ZoneHistory(user_zones.history(user_key)).offset_at(start)
    return -offset * MINUTE_MS % bucket_ms


def rows_of(user_key: int, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of an end user's samples; the query as TimeseriesQuery reads it. Raises InvalidInput
    on a cursor.
    """
    series = query.get("types", EVERY_SERIES)
    start = query["start_time"]
    end = max(start, last_moment(query["end_time"]))  # a range without length is the instant it names
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
            shift=_shift(user_key, start, bucket_ms),
        )
    return answers.by_cursor(page.rows, serializers.sample, place=page.next, total=page.total, bound_to=bound_to)
