"""/billing/usage: what was used, against what the plan allows."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import usage_page
from billing.api.subscription import TAGS
from wearlink.lib import clock
from wearlink.lib.api.views import TenantView

DAY = {
    "date": "2026-04-24",
    "photos": 12,
    "api_calls": 4210,
    "webhook_deliveries": 930,
    "samples": 88120,
    "vision_recognitions": 12,
    "end_users": 41,
    "storage_bytes": 18874368,
}
PHOTOS = {"resource": "photos", "period": "day", "used": 12, "limit": 500, "remaining": 488}
EXAMPLE = {
    "plan": "developer",
    "requests_per_minute": 30000,
    "start_date": "2026-04-24",
    "end_date": "2026-04-24",
    "resources": [PHOTOS],
    "totals": {name: value for name, value in DAY.items() if name != "date"},
    "days": [DAY],
}
LEVELS_HELP = "The level at the day's end."


class UsageQuery(serializers.Serializer[Any]):
    """The range of days, by UTC; default: this month so far."""

    start_date = serializers.DateField(required=False, help_text="First day (UTC). Default: the first of the month.")
    end_date = serializers.DateField(required=False, help_text="Last day (UTC), included. Default: today.")


class UsageResourceSerializer(serializers.Serializer[Any]):
    """The use of one limited resource, and what is left of it."""

    resource = serializers.ChoiceField(
        choices=["photos", "end_users", "webhook_endpoints", "team_seats"], help_text="What is limited."
    )
    period = serializers.ChoiceField(choices=["day", "now"], help_text="day: begins again at 00:00 UTC.")
    used = serializers.IntegerField(help_text="How much is used.")
    limit = serializers.IntegerField(allow_null=True, help_text="null: no limit.")
    remaining = serializers.IntegerField(allow_null=True, help_text="How much is left; null: no limit.")


class UsageFiguresSerializer(serializers.Serializer[Any]):
    """The counters of a day or of the whole range."""

    photos = serializers.IntegerField(help_text="Meal photos that count against the quota.")
    api_calls = serializers.IntegerField(help_text="Of the last minute some may be missing.")
    webhook_deliveries = serializers.IntegerField(help_text="Calls to your endpoints that arrived.")
    samples = serializers.IntegerField(help_text="New samples, daily values, workouts, sleep stages and scores.")
    vision_recognitions = serializers.IntegerField(help_text="Meal photos that a model looked at.")
    end_users = serializers.IntegerField(help_text=LEVELS_HELP)
    storage_bytes = serializers.IntegerField(help_text=LEVELS_HELP)


class UsageDaySerializer(UsageFiguresSerializer):
    """The counters of one day (UTC)."""

    date = serializers.DateField(help_text="UTC day.")


class UsageReportSerializer(serializers.Serializer[Any]):
    """Limits now, and figures by day."""

    plan = serializers.CharField()
    requests_per_minute = serializers.IntegerField(allow_null=True, help_text="Calls a minute; null: no limit.")
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    resources = UsageResourceSerializer(many=True, help_text="Use so far, limit by limit.")
    totals = UsageFiguresSerializer(help_text="Sums; of levels the last.")
    days = UsageDaySerializer(many=True)


class Usage(TenantView):
    """GET /billing/usage."""

    query_class = UsageQuery

    @extend_schema(
        operation_id="billing_usage",
        summary="Get usage",
        description=f"Days are UTC, both ends included, at most {usage_page.MAX_DAYS}. Counters are written with the "
        "work itself; API calls follow within a minute, end users each night.",
        tags=TAGS,
        responses=UsageReportSerializer,
        examples=[OpenApiExample("A day", value=EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        today, organization = clock.now().date(), self.organization
        last: date = self.query.get("end_date") or today
        first: date = self.query.get("start_date") or last.replace(day=1)
        days = usage_page.days(organization, first, last)
        held = usage_page.resources(organization, today)
        if last >= today >= first:
            _set_today(days, today - first, held)
        return Response(
            {
                "plan": organization.plan,
                "requests_per_minute": organization.requests_per_minute,
                "start_date": first.isoformat(),
                "end_date": last.isoformat(),
                "resources": [_shown(one) for one in held],
                "totals": usage_page.totals(days),
                "days": days,
            }
        )


def _set_today(days: list[dict[str, Any]], place: timedelta, held: Sequence[usage_page.Resource]) -> None:
    """End users are counted each night; today's are known anyway."""
    (users,) = [one.used for one in held if one.resource == "end_users"]
    for day in days[place.days :]:
        day["end_users"] = users


def _shown(one: usage_page.Resource) -> dict[str, Any]:
    return {
        "resource": one.resource,
        "period": one.period,
        "used": one.used,
        "limit": one.limit,
        "remaining": one.remaining,
    }
