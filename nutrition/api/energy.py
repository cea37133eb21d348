"""GET /users/{user_id}/energy_balance."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from healthdata.api.parameters import DayField
from healthdata.merge.preferences import Priority
from healthdata.summaries import Reader
from nutrition.api.parameters import MealDaysQuery
from nutrition.meals import energy, examples, summaries
from nutrition.meals.energy import BalanceDay
from wearlink.lib.api.callers import API_KEY, DASHBOARD, SDK

_COMPLETENESS: Final = ["none", "nutrition_only", "wearable_only", "wearable_and_nutrition"]
_USER_ID: Final = OpenApiParameter(
    "user_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the end user."
)
_EXAMPLE: Final = {
    "user_id": examples.USER,
    "days": [
        {
            "date": "2026-04-25",
            "calories_consumed_kcal": 2150.0,
            "calories_consumed_low_kcal": 1790.0,
            "calories_consumed_high_kcal": 2510.0,
            "calories_burned_kcal": 2380.5,
            "active_calories_kcal": 480.5,
            "basal_calories_kcal": 1900.0,
            "basal_is_estimated": False,
            "net_energy_balance_kcal": -230.5,
            "is_partial": False,
            "data_completeness": "wearable_and_nutrition",
        }
    ],
}


class EnergyQuery(MealDaysQuery):
    """The range of days, and whether to estimate what no wearable measured."""

    estimate_basal = serializers.ChoiceField(
        ["mifflin"], required=False, help_text="Estimate basal energy where the wearable gives none."
    )
    sex = serializers.ChoiceField(["male", "female"], required=False, help_text="For the estimate.")
    birth_date = DayField(required=False, help_text="For the estimate.")


class EnergyDaySerializer(serializers.Serializer[Any]):
    """The energy of one local day, in kcal."""

    date = serializers.DateField(help_text="Local day of the user.")
    calories_consumed_kcal = serializers.FloatField(allow_null=True, help_text="Eaten; null where nothing was logged.")
    calories_consumed_low_kcal = serializers.FloatField(allow_null=True, help_text="By the uncertainty of quantities.")
    calories_consumed_high_kcal = serializers.FloatField(allow_null=True, help_text="By the uncertainty of quantities.")
    calories_burned_kcal = serializers.FloatField(allow_null=True, help_text="Active and basal; null if one is.")
    active_calories_kcal = serializers.FloatField(
        allow_null=True, help_text="Spent by moving; null without a wearable."
    )
    basal_calories_kcal = serializers.FloatField(allow_null=True, help_text="Spent at rest; null where not known.")
    basal_is_estimated = serializers.BooleanField(help_text="Whether the basal energy is the formula's.")
    net_energy_balance_kcal = serializers.FloatField(allow_null=True, help_text="Consumed less burned.")
    is_partial = serializers.BooleanField(
        allow_null=True,
        help_text="true: the wearable was worn for part of the day, or the day is not over; null without a wearable.",
    )
    data_completeness = serializers.ChoiceField(_COMPLETENESS, help_text="Which of both sides there is.")


class EnergyBalanceSerializer(serializers.Serializer[Any]):
    """Every day of the range, oldest first."""

    user_id = serializers.UUIDField()
    days = EnergyDaySerializer(many=True)


class EnergyBalance(EndUserView):
    """GET /users/{user_id}/energy_balance."""

    callers = frozenset({API_KEY, DASHBOARD, SDK})
    query_class = EnergyQuery

    @extend_schema(
        operation_id="get_energy_balance",
        tags=["Nutrition"],
        summary="Energy balance by day",
        parameters=[_USER_ID],
        description=(
            "What was eaten (manual and recognised meals) against what was spent, for every local day start_date "
            "to end_date; at most 92. Either side may be missing, and the net is null then. The range of what was "
            "eaten follows from how sure the quantities are. With estimate_basal=mifflin, basal energy that no "
            "wearable gives is estimated by Mifflin-St Jeor from sex and birth_date and the newest weight and "
            "height stored, and marked; without all four it stays null."
        ),
        responses={
            200: OpenApiResponse(
                EnergyBalanceSerializer, examples=[OpenApiExample("Days", value=_EXAMPLE, response_only=True)]
            )
        },
    )
    def get(self, request: Request, user_id: str) -> Response:
        priority = Priority.cascade(self.organization.source_priority, self.end_user.source_priority)
        reader, history = Reader(self.end_user.key, priority), summaries.history_of(self.end_user.key)
        body = None
        if "estimate_basal" in self.query:
            body = energy.body_of(reader, history, self.query.get("sex"), self.query.get("birth_date"))
        days = energy.balance(reader, history, self.query["start_date"], self.query["end_date"], body)
        return Response({"user_id": str(self.end_user.id), "days": [_shown(day) for day in days]})


def _shown(day: BalanceDay) -> dict[str, Any]:
    return {
        "date": day.day.isoformat(),
        "calories_consumed_kcal": _rounded(day.consumed),
        "calories_consumed_low_kcal": _rounded(day.consumed_low),
        "calories_consumed_high_kcal": _rounded(day.consumed_high),
        "calories_burned_kcal": _rounded(day.burned),
        "active_calories_kcal": _rounded(day.active),
        "basal_calories_kcal": _rounded(day.basal),
        "basal_is_estimated": day.basal_is_estimated,
        "net_energy_balance_kcal": _rounded(day.net),
        "is_partial": day.is_partial,
        "data_completeness": day.completeness,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
