"""GET /nutrition/summary."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from nutrition import serializers
from nutrition.api import parameters
from nutrition.api.base import MealView
from nutrition.api.shapes import MealSummarySerializer
from nutrition.foods.macros import MACROS
from nutrition.meals import examples, summaries
from nutrition.meals.summaries import EatenDay, Totals
from wearlink.lib.api.openapi import errors

_LUNCH: Final = {"logs": 1, **{name: examples.BIRYANI[name] for name in MACROS}}
_EXAMPLE: Final = {
    "user_id": examples.USER,
    "days": [{"date": "2026-04-26", **_LUNCH, "meals": {"lunch": _LUNCH}}],
    "pending_logs": 0,
}


class MealSummary(MealView):
    """GET /nutrition/summary."""

    query_class = parameters.MealSummaryQuery

    @extend_schema(
        operation_id="nutrition_summary",
        tags=["Nutrition"],
        summary="Macros by day",
        description=(
            "Totals of the local days start_date to end_date, both included, and of each meal of the day. Manual and "
            "recognised meals count; pending ones do not, and pending_logs says how many there are. Days without "
            "meals are left out. At most 92 days."
        ),
        responses={
            200: OpenApiResponse(
                MealSummarySerializer, examples=[OpenApiExample("Days", value=_EXAMPLE, response_only=True)]
            ),
            **errors(404),
        },
    )
    def get(self, request: Request) -> Response:
        first, last = self.query["start_date"], self.query["end_date"]
        history = summaries.history_of(self.end_user.key)
        days = summaries.eaten(self.end_user.key, history, first, last)
        answer = {
            "user_id": str(self.end_user.id),
            "days": [{"date": day.isoformat(), **_day(found)} for day, found in days.items()],
            "pending_logs": summaries.pending(self.end_user.key, history, first, last),
        }
        return Response(answer)


def _day(found: EatenDay) -> dict[str, Any]:
    return {**_totals(found.total), "meals": {name: _totals(one) for name, one in found.meals.items()}}


def _totals(found: Totals) -> dict[str, Any]:
    return {"logs": found.logs, **serializers.macros(found.shown())}
