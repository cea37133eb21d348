"""GET /users/{user_id}/summaries/sleep, /body and /data."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from accounts.end_users import zones
from healthdata import queries, serializers, summaries
from healthdata.api import examples
from healthdata.api.parameters import MAX_SUMMARY_DAYS, USER_ID, BodyQuery, SummaryQuery
from healthdata.api.shapes import (
    BodySummarySerializer,
    DataSummarySerializer,
    SleepSummarySerializer,
)
from healthdata.days import ZoneHistory
from healthdata.merge.preferences import Priority
from healthdata.nights import Night
from healthdata.queries import events
from healthdata.summaries import BodySummary, DataSource, Reader, SleepDay
from wearlink.lib.api.etags import ETagMixin
from wearlink.lib.clock import now_ms, rfc3339
from wearlink.lib.errors import InvalidInput

_ONE_SOURCE = (
    "Each figure comes from one source, named beside it: by the end user's `source_priority`, else the organization's, "
    "else ring and watch before phone. Figures are never added up over sources. "
)
DAYS_LEFT_OUT = "Days without data are left out. At most 400 days a call."


class SummaryView(ETagMixin, EndUserView):
    """Base: what the domain needs to know of the end user."""

    @property
    def reader(self) -> Reader:
        """The end user's key and order of sources."""
        priority = Priority.cascade(self.organization.source_priority, self.end_user.source_priority)
        return Reader(self.end_user.key, priority)


class SleepView(SummaryView):
    """Sleep by local date of waking."""

    query_class = SummaryQuery

    @extend_schema(
        operation_id="get_sleep_summary",
        tags=["Health data"],
        summary="Sleep by day",
        parameters=[USER_ID],
        description=(
            "The main sleep that ended on each local day `start_date` to `end_date`, and the naps. Where several "
            "sources recorded one sleep, one of them counts (`is_primary` in /events/sleep): who saw at least half of "
            "the sleep, then stages before none, then the end user's `source_priority`, else the organization's, else "
            "ring and watch before phone. The main sleep is the longest; parts of it within four hours of each other "
            "add up. `naps` is all other sleep of the day. " + DAYS_LEFT_OUT
        ),
        responses={200: OpenApiResponse(SleepSummarySerializer, examples=[examples.SLEEP_SUMMARY])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        nights = summaries.sleep(self.reader, first=self.query["start_date"], last=self.query["end_date"])
        return Response({"data": [_sleep_day(night) for night in nights]})


class BodyView(SummaryView):
    """Newest body figures and their averages."""

    query_class = BodyQuery

    @extend_schema(
        operation_id="get_body_summary",
        tags=["Health data"],
        summary="Body figures",
        parameters=[USER_ID],
        description=(
            "`latest`: the newest value of each figure and when it was measured. `averaged`: the mean of the days' "
            "values, over seven local days up to today, or over the range given. "
            + _ONE_SOURCE
            + "No range is needed. With `end_date`, values after that day do not count. A BMI that is missing or older "
            "than the weight is worked out from weight and height."
        ),
        responses={200: OpenApiResponse(BodySummarySerializer, examples=[examples.BODY])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        zone_history = ZoneHistory(zones.history(self.end_user.key))
        first, last = _body_range(self.query, zone_history)
        before = zone_history.bounds(last)[1] if "end_date" in self.query else None
        return Response(_body(summaries.body(self.reader, first=first, last=last, before=before, zones=zone_history)))


class DataView(ETagMixin, EndUserView):
    @extend_schema(
        operation_id="get_data_summary",
        tags=["Health data"],
        summary="What is stored for a user",
        parameters=[USER_ID],
        description="Number of samples by series and provider, and of workouts, sleep sessions and scores by provider.",
        responses={200: OpenApiResponse(DataSummarySerializer, examples=[examples.DATA_SUMMARY])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        return Response(_data(self.end_user.key) | {"user_id": str(self.end_user.id)})


def _body_range(query: Mapping[str, Any], zone_history: ZoneHistory) -> tuple[date, date]:
    """Return the days of the averages. Raises InvalidInput on start_date where it is after today, or too
    long before.
    """
    first, last = query.get("start_date"), query.get("end_date") or zone_history.day_of(now_ms())
    if first is None:
        return last - timedelta(days=6), last
    if not 0 <= (last - first).days < MAX_SUMMARY_DAYS:
        raise InvalidInput.on("start_date", f"must be one of the {MAX_SUMMARY_DAYS} days up to {last.isoformat()}.")
    return first, last


def _source(source: DataSource) -> dict[str, Any]:
    return {"provider": source.provider, "device": source.device}


_NO_MAIN: Mapping[str, Any] = {"sleep_id": None, "sleep_ids": []} | dict.fromkeys(
    (
        "start_time",
        "end_time",
        "zone_offset",
        "duration_seconds",
        "sleep_duration_seconds",
        "efficiency_percent",
        "stages",
        "interruptions",
        "awake_after_onset_minutes",
        "latency_minutes",
        "avg_heart_rate_bpm",
        "avg_hrv_sdnn_ms",
        "avg_hrv_rmssd_ms",
        "avg_respiratory_rate",
        "avg_spo2_percent",
    )
)


def _sleep_day(day: SleepDay) -> dict[str, Any]:
    naps = [one for one in day.others if one.sleep_seconds is not None]
    figures = _NO_MAIN if day.night is None else _main_sleep(day.night)
    return {
        "date": day.day.isoformat(),
        **figures,
        "naps": {"count": len(naps), "sleep_duration_seconds": sum(nap.sleep_seconds or 0 for nap in naps)},
        "source": serializers.source(day.shown.source),
    }


def _main_sleep(night: Night) -> dict[str, Any]:
    whole = night.whole
    shown = serializers.sleep_session(whole)
    own = {
        "sleep_id": shown["id"],
        "sleep_ids": [str(part.id) for part in night.parts],
        "interruptions": whole.awakenings,
        "awake_after_onset_minutes": serializers.minutes(whole.waso_seconds),
        "latency_minutes": serializers.minutes(whole.latency_seconds),
    }
    return {name: own[name] if name in own else shown[name] for name in _NO_MAIN}


def _body(summary: BodySummary) -> dict[str, Any]:
    latest: dict[str, Any] = dict.fromkeys(summaries.BODY)
    averaged: dict[str, Any] = dict.fromkeys(summaries.AVERAGED)
    latest |= {name: serializers.figure(one.value, 2) for name, one in summary.latest.items()}
    averaged |= {name: serializers.figure(mean, 2) for name, mean in summary.means.items()}
    latest["measured_at"] = {name: rfc3339(one.timestamp) for name, one in summary.latest.items()}
    latest["sources"] = {name: {"provider": one.provider, "device": one.device} for name, one in summary.latest.items()}
    averaged["start_date"], averaged["end_date"] = summary.first.isoformat(), summary.last.isoformat()
    averaged["sources"] = {name: _source(source) for name, source in summary.sources.items()}
    return {"latest": latest, "averaged": averaged}


def _data(user_key: int) -> dict[str, Any]:
    series = queries.count(user_key)
    by_kind = events.counts(user_key)
    totals = {kind: sum(count.n for count in counts) for kind, counts in by_kind.items()}
    return {
        "totals": {"samples": sum(count.n for count in series), **totals},
        "series": [
            {
                "series_type": count.series,
                "provider": count.provider,
                "count": count.n,
                "first_at": rfc3339(count.first_ms),
                "last_at": rfc3339(count.last_ms),
            }
            for count in series
        ],
        **{
            kind: [
                {
                    "provider": count.provider,
                    "count": count.n,
                    "first_date": count.first.isoformat(),
                    "last_date": count.last.isoformat(),
                }
                for count in counts
            ]
            for kind, counts in by_kind.items()
        },
    }
