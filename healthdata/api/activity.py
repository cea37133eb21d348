"""GET /users/{user_id}/summaries/activity, and how its figures came to change."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from healthdata import serializers, summaries
from healthdata.api import examples
from healthdata.api.accounts_of_figures import explained
from healthdata.api.parameters import DAY, USER_ID, ActivityQuery, day_of_path
from healthdata.api.shapes import ActivitySummarySerializer, FigureRevisionsSerializer
from healthdata.api.summaries import DAYS_LEFT_OUT, SummaryView
from healthdata.figures.explain import explain
from healthdata.figures.revisions import Revision, revisions
from healthdata.metrics import METRIC_OF_FIELD, METRICS, TIMED
from healthdata.queries.sources import sources_of
from healthdata.summaries import ActivityDay
from wearlink.lib.clock import rfc3339, to_ms

_NO_FIGURES: Final[Mapping[str, None]] = dict.fromkeys(metric.field for metric in METRICS)
#: The unit of a source's part of a figure: of means the time that its readings cover.
_SHARES: Final = {metric.field: "minutes" if metric.rule in TIMED else "value" for metric in METRICS}


class ActivityView(SummaryView):
    query_class = ActivityQuery

    @extend_schema(
        operation_id="get_activity_summary",
        tags=["Health data"],
        summary="Activity by day",
        parameters=[USER_ID],
        description=(
            "Totals of the end user's local days `start_date` to `end_date`, both included, oldest first. "
            "Figures are merged stretch by stretch of time: where several sources measured the same, the one that goes "
            "before the others counts (the end user's `source_priority`, else the organization's, else watch before "
            "ring before phone, apps without a device and typed values last), and each lower one fills what nobody "
            "above it covers, so nothing is counted twice and nothing is lost. A vendor's own total of a day counts "
            "whole or not at all. Averages are weighted by time. `total_calories_kcal` is active plus basal energy. "
            "`figures` says for each which source gave how much, how much of the day is covered, and its revision. "
            "With `explain=1` (at most 7 days) each figure comes with the account of it: all sources in order, what "
            "each gave, what was left out of it and why, and where its samples are. " + DAYS_LEFT_OUT
        ),
        responses={200: OpenApiResponse(ActivitySummarySerializer, examples=[examples.ACTIVITY])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        first, last = self.query["start_date"], self.query["end_date"]
        days = [activity_day(day) for day in summaries.activity(self.reader, first=first, last=last)]
        if self.query["explain"]:
            self._explain(days, first, last)
        return Response({"data": days})

    def _explain(self, days: list[dict[str, Any]], first: date, last: date) -> None:
        """Add the explanation of every figure to its day; days whose figures are all left out are listed as well."""
        sources = sources_of(self.end_user.key)
        shown = {day["date"]: day for day in days}
        for day, account in explain(self.end_user.key, self.reader.priority, first=first, last=last).items():
            if account.figures:
                entry = shown.setdefault(
                    day.isoformat(), {"date": day.isoformat(), **_NO_FIGURES, "sources": {}, "figures": {}}
                )
                entry["explain"] = explained(str(self.end_user.id), account, sources)
        days[:] = [shown[day] for day in sorted(shown)]


@lru_cache(maxsize=4096)
def _revised_at(at: datetime) -> str:
    """Days are computed many at a time, so the moment of one is mostly that of the next."""
    return rfc3339(to_ms(at))


def activity_day(day: ActivityDay) -> dict[str, Any]:
    shown: dict[str, Any] = {"date": day.day.isoformat(), **_NO_FIGURES}
    sources: dict[str, Any] = {}
    accounts: dict[str, Any] = {}
    for name, one in day.figures.items():
        digits = METRIC_OF_FIELD[name].digits
        shown[name] = value = serializers.figure(one.value, digits)
        if (main := one.main_source) is not None:
            sources[name] = serializers.source_of(main.provider, main.device)
        accounts[name] = {
            "value": value,
            "sources": [serializers.share(source, kept, _SHARES[name], digits) for source, kept in one.shares],
            "coverage_minutes": one.coverage_minutes,
            "is_partial": one.is_partial,
            "revision": one.revision,
            "revised_at": _revised_at(one.revised_at),
        }
    shown["sources"], shown["figures"] = sources, accounts
    return shown


class ActivityRevisionsView(EndUserView):
    """GET /users/{user_id}/summaries/activity/{date}/revisions."""

    @extend_schema(
        operation_id="list_activity_revisions",
        tags=["Health data"],
        summary="Changes of a day's figures",
        parameters=[USER_ID, DAY],
        description=(
            "Every change of a figure of this local day after the day was over, newest first, at most 500: the value "
            "before and after, and what caused it: batches of data, an import, a retraction, a time zone, an order of "
            "sources. While a day runs its figures grow, which is no revision."
        ),
        responses={200: OpenApiResponse(FigureRevisionsSerializer, examples=[examples.REVISIONS])},
    )
    def get(self, request: Request, user_id: str, day: str) -> Response:
        found = revisions(self.end_user.key, day_of_path(day))
        return Response({"data": [_revision(one) for one in found]})


def _revision(one: Revision) -> dict[str, Any]:
    digits = METRIC_OF_FIELD[one.metric].digits
    return {
        "figure": one.metric,
        "revision": one.revision,
        "old_value": serializers.figure(one.old_value, digits),
        "new_value": serializers.figure(one.new_value, digits),
        "causes": [{"kind": kind, "id": reference} for kind, reference in one.causes],
        "at": rfc3339(to_ms(one.at)),
    }
