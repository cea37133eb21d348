"""Query parameters and bodies of the meal endpoints."""

from datetime import date
from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.fields import OptionalTextField
from healthdata.api.parameters import CursorField, DayField, check_order
from nutrition.foods.macros import MACROS
from nutrition.meals.entries import CORRECTABLE, MAX_ITEMS, EnteredMeal, ManualDish, Moment
from nutrition.meals.figures import MAX_GRAMS, MAX_KCAL_PER_GRAM
from nutrition.models.meal import MealType
from nutrition.serializers import MACRO_WORDS
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput

MAX_DAYS: Final = 92
DOCUMENTED_NAMES: Final = {"date_from": "start_date", "date_to": "end_date"}  # of nutrition alone
_MAX_VALUES: Final = {"calories_kcal": 20_000.0, "sodium_mg": 100_000.0}
_YEARS: Final = range(1900, 2200)
FIRST_DAY: Final = date(_YEARS.start, 1, 1)  # of a list that is open at an end
LAST_DAY: Final = date(_YEARS.stop - 1, 12, 31)


@extend_schema_field({"type": "string", "format": "date-time"})
class EatenAtField(serializers.CharField):
    """The time of a meal: RFC 3339 with Z or an offset, as a Moment."""

    def to_internal_value(self, data: Any) -> Moment:  # type: ignore[override]
        """Raise ValidationError for what is no moment, or has no zone."""
        try:
            ms, offset = clock.parse_rfc3339(super().to_internal_value(data))
        except InvalidInput as error:
            raise serializers.ValidationError(error.detail) from error
        if offset is None:
            raise serializers.ValidationError("A time zone is needed: end it with Z or an offset such as +02:00.")
        if clock.from_ms(ms).year not in _YEARS:
            raise serializers.ValidationError(f"Years {_YEARS.start} to {_YEARS.stop - 1} are accepted.")
        return Moment.of(ms, offset)


class UserQuery(serializers.Serializer[Any]):
    """The end user whose meals are asked for."""

    user_id = serializers.UUIDField(help_text="Id of the end user. Not needed with an SDK token.", required=False)


class MealListQuery(UserQuery):
    """The filters and page of a list of meals."""

    aliases: ClassVar = DOCUMENTED_NAMES

    start_date = DayField(required=False, help_text="First local day, YYYY-MM-DD.")
    end_date = DayField(required=False, help_text="Last local day, included.")
    meal_type = serializers.ChoiceField(MealType.choices, required=False, help_text="Only this meal of the day.")
    cursor = CursorField()
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50, help_text="Rows a page.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError where the range runs backwards."""
        check_order(attrs.get("start_date"), attrs.get("end_date"))
        return attrs


class MealDaysQuery(serializers.Serializer[Any]):
    """A range of at most 92 local days, both ends included."""

    aliases: ClassVar = DOCUMENTED_NAMES

    start_date = DayField(help_text="First local day of the end user, YYYY-MM-DD.")
    end_date = DayField(help_text="Last local day, included. At most 92 days.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError where the range runs backwards or is too long."""
        check_order(attrs["start_date"], attrs["end_date"])
        if (attrs["end_date"] - attrs["start_date"]).days >= MAX_DAYS:
            raise serializers.ValidationError({"end_date": f"At most {MAX_DAYS} days; use several calls."})
        return attrs


class MealSummaryQuery(UserQuery, MealDaysQuery):
    """The end user and the range of days of a summary."""


class GivenMacrosSerializer(serializers.Serializer[Any]):
    """Macros of the whole amount; all optional."""

    def get_fields(self) -> dict[str, Any]:
        own = {
            name: serializers.FloatField(
                min_value=0, max_value=_MAX_VALUES.get(name, 5_000.0), required=False, help_text=MACRO_WORDS[name]
            )
            for name in MACROS
        }
        return {**super().get_fields(), **own}


class ManualMealItemSerializer(GivenMacrosSerializer):
    """A dish that is entered by hand."""

    dish_name = serializers.CharField(max_length=120, help_text="What was eaten.")
    quantity_grams = serializers.FloatField(min_value=0.1, max_value=MAX_GRAMS, help_text="How much of it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError for more energy than fat has."""
        check_density(attrs.get("calories_kcal"), attrs["quantity_grams"])
        return attrs


class ManualMealSerializer(serializers.Serializer[Any]):
    """A meal that is entered by hand, with its dishes."""

    meal_type = serializers.ChoiceField(MealType.choices, help_text="Which meal of the day.")
    detected_at = EatenAtField(required=False, help_text="When it was eaten, RFC 3339; default now.")
    note = OptionalTextField(max_length=500, help_text="Anything worth keeping.")
    items = ManualMealItemSerializer(
        many=True,
        allow_empty=False,
        max_length=MAX_ITEMS,  # type: ignore[call-arg]  # of the list
        help_text="The dishes.",
    )


class PhotoSerializer(serializers.Serializer[Any]):
    """The form of a photo; the file is read apart from it."""

    meal_type = serializers.ChoiceField(
        MealType.choices, required=False, help_text="Default: by the end user's local time of day."
    )
    detected_at = EatenAtField(required=False, help_text="When it was eaten, RFC 3339; default now.")
    note = OptionalTextField(max_length=500, help_text="Anything worth keeping.")


class PhotoUploadSerializer(PhotoSerializer):
    """The whole form, for the schema."""

    file = serializers.FileField(help_text="JPEG, PNG, HEIC/HEIF or WebP, up to 5 MB.")


class MealItemCorrectionSerializer(GivenMacrosSerializer):
    """The fields to change of an item."""

    dish_name = serializers.CharField(max_length=120, required=False, help_text="What it really was.")
    quantity_grams = serializers.FloatField(
        min_value=0.1, max_value=MAX_GRAMS, required=False, help_text="How much it was."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError where nothing is named, or what nobody can change."""
        unknown = sorted(set(self.initial_data) - set(CORRECTABLE))
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(unknown, "cannot be changed."))
        if not attrs:
            raise serializers.ValidationError(f"Nothing to change. Accepted: {', '.join(CORRECTABLE)}.")
        if "quantity_grams" in attrs:
            check_density(attrs.get("calories_kcal"), attrs["quantity_grams"])
        return attrs


def check_density(kcal: float | None, grams: float) -> None:
    """Raise ValidationError on calories_kcal for more energy a gram than pure fat has."""
    if kcal is not None and kcal > grams * MAX_KCAL_PER_GRAM + 1:
        raise serializers.ValidationError(
            {"calories_kcal": f"{kcal:g} kcal in {grams:g} g is more than pure fat has ({MAX_KCAL_PER_GRAM} a gram)."}
        )


def manual_meal(values: dict[str, Any]) -> EnteredMeal:
    """Return the validated body as the domain takes it."""
    dishes = [
        ManualDish(one["dish_name"], one["quantity_grams"], {name: one[name] for name in MACROS if name in one})
        for one in values["items"]
    ]
    moment = values.get("detected_at") or Moment(clock.now())
    return EnteredMeal(values["meal_type"], moment, dishes, values.get("note") or "")
