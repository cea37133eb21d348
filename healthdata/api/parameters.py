"""Query strings of the read endpoints. A parameter that is not declared here is refused with 400 by the base view."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar, Final, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from healthdata import provider_names
from healthdata.catalogue import SERIES, expand, workout_code
from wearlink.lib.api.queries import CommaListField
from wearlink.lib.clock import parse_rfc3339
from wearlink.lib.errors import InvalidInput

Given = TypeVar("Given")
Found = TypeVar("Found")

MAX_SUMMARY_DAYS: Final = 400
MAX_EXPLAINED_DAYS: Final = 7
YEARS: Final = range(1900, 2200)
RESOLUTIONS: Final = {"raw": None, "1min": 60_000, "5min": 300_000, "15min": 900_000, "1hour": 3_600_000}
MAX_RAW, MAX_AGGREGATED = 1000, 1440  # a day by the minute is one call
SCORE_CATEGORIES: Final = (
    "sleep",
    "recovery",
    "readiness",
    "strain",
    "stress",
    "vo2max",
    "fitness_age",
    "activity",
    "resilience",
)
EVERY_SERIES: Final = tuple(code for code, series in SERIES.items() if not series.is_umbrella)
_LOST_PLUS: Final = re.compile(r"(?<=\d) (?=\d\d:?\d\d$)", re.ASCII)


def _id(name: str, what: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.UUID, OpenApiParameter.PATH, description=f"Id of the {what}.")


USER_ID: Final = _id("user_id", "end user")
DAY: Final = OpenApiParameter("day", OpenApiTypes.DATE, OpenApiParameter.PATH, description="Local day, YYYY-MM-DD.")
SOURCE_ID: Final = _id("source_id", "source")
WORKOUT_ID: Final = _id("workout_id", "workout")
SESSION_ID: Final = _id("session_id", "sleep session")


@extend_schema_field({"type": "string", "format": "date-time"})
class MomentField(serializers.CharField):
    """An RFC 3339 time with Z or an offset, as milliseconds since the epoch.

    A plus that was not percent-encoded arrives as a space, which is what nearly every hand-written URL does.
    """

    def to_internal_value(self, data: Any) -> int:  # type: ignore[override]
        text = super().to_internal_value(data)
        if "T" in text.upper():
            text = _LOST_PLUS.sub("+", text)
        try:
            ms, offset = parse_rfc3339(text)
        except InvalidInput as error:
            raise serializers.ValidationError(error.detail) from error
        if offset is None:
            raise serializers.ValidationError("A time zone is needed: end it with Z or an offset such as +02:00.")
        return ms


class DayField(serializers.DateField):
    """A local day. Calendars end before date arithmetic does, so a range can be widened and placed in any zone."""

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        if day.year not in YEARS:
            raise serializers.ValidationError(f"Years {YEARS.start} to {YEARS.stop - 1} are accepted.")
        return day


class ProviderField(serializers.CharField):
    """A provider's slug, or wearlink for what we compute ourselves."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False, max_length=32, help_text="Only this provider's data: a slug of GET /providers.", **options
        )

    def to_internal_value(self, data: Any) -> str:
        """Raise ValidationError naming the choices: an empty list would not tell a mistyped name from no data."""
        slug: str = super().to_internal_value(data)
        if slug not in provider_names.known():
            choices = ", ".join(provider_names.known())
            raise serializers.ValidationError(f"is none of the choices: {choices}.")
        return slug


class CursorField(serializers.CharField):
    """The cursor of the page before."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False, max_length=1000, help_text="next_cursor of the page before, with the same query.", **options
        )


class DaysQuery(serializers.Serializer[Any]):
    """A range of local days, both ends included."""

    start_date = DayField(help_text="First local day of the end user, YYYY-MM-DD.")
    end_date = DayField(help_text="Last local day, included.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_order(attrs.get("start_date"), attrs.get("end_date"))
        return attrs


class SummaryQuery(DaysQuery):
    """A range of at most 400 local days."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        check_length(attrs["start_date"], attrs["end_date"])
        return attrs


class EventsQuery(DaysQuery):
    """The filters, order and page of a list of events."""

    provider = ProviderField()
    primary = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="true: each night, nap or workout once, by the source that counts. false: only their doubles.",
    )
    cursor = CursorField()
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50, help_text="Rows a page.")


class WorkoutsQuery(EventsQuery):
    """The filters, order and page of a list of workouts."""

    aliases: ClassVar = {"type": "types"}

    types = CommaListField(
        required=False,
        help_text="Only workouts of these types, as GET /meta/workout-types lists them; separated by commas or the "
        "parameter repeated.",
    )

    def validate_types(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return codes of the names, which may be aliases as in uploads; each once."""
        return tuple(sorted({_checked(workout_code, name) for name in names}))


class TimeseriesQuery(serializers.Serializer[Any]):
    """A page of samples or buckets of [start_time, end_time)."""

    start_time = MomentField(help_text="RFC 3339, included; any offset.")
    end_time = MomentField(help_text="RFC 3339, excluded (an end at 23:59:59 takes that second in); any offset.")
    types = CommaListField(
        required=False,
        help_text="Series, separated by commas or the parameter repeated; default all. Umbrella names such as "
        "calories cover their members.",
    )
    resolution = serializers.ChoiceField(
        list(RESOLUTIONS), default="raw", help_text="raw, or one value a bucket for each series and source."
    )
    provider = ProviderField()
    source = serializers.UUIDField(required=False, help_text="Only this source's data.")  # type: ignore[assignment]
    cursor = CursorField()
    limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_AGGREGATED,
        default=50,
        help_text="Rows a page: up to 1000 raw, up to 1440 of buckets.",
    )

    def validate_types(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        return _checked(expand, codes)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end_time"] < attrs["start_time"]:
            raise serializers.ValidationError({"end_time": "lies before the start."})
        if attrs["resolution"] == "raw" and attrs["limit"] > MAX_RAW:
            raise serializers.ValidationError({"limit": f"At most {MAX_RAW} with resolution=raw."})
        return attrs


class ActivityQuery(SummaryQuery):
    """A range of local days; with `explain` a short one."""

    explain = serializers.BooleanField(
        default=False, help_text="Tell how each figure came about; at most 7 days a call."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if attrs["explain"] and (attrs["end_date"] - attrs["start_date"]).days >= MAX_EXPLAINED_DAYS:
            raise serializers.ValidationError(
                {"explain": f"At most {MAX_EXPLAINED_DAYS} days can be explained a call."}
            )
        return attrs


class BodyQuery(serializers.Serializer[Any]):
    """Optional range of at most 400 local days: averages over it, latest values up to its end."""

    start_date = DayField(required=False, help_text="Default: six days before end_date.")
    end_date = DayField(required=False, help_text="Default: the end user's today.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_order(attrs.get("start_date"), attrs.get("end_date"))
        check_length(attrs.get("start_date"), attrs.get("end_date"))
        return attrs


class ScoresQuery(serializers.Serializer[Any]):
    """A page of health scores."""

    start_date = DayField(required=False, help_text="First local day, YYYY-MM-DD.")
    end_date = DayField(required=False, help_text="Last local day, included.")
    category = serializers.ChoiceField(SCORE_CATEGORIES, required=False, help_text="Only this category.")
    provider = ProviderField()
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=50, help_text="Rows a page.")
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0, help_text="Rows to skip.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_order(attrs.get("start_date"), attrs.get("end_date"))
        return attrs


def _checked(check: Callable[[Given], Found], value: Given) -> Found:
    """Return what a check of the catalogue answers; its refusal as one of the parameter, which the reader names."""
    try:
        return check(value)
    except InvalidInput as error:
        raise serializers.ValidationError(error.errors[0].message) from error


def day_of_path(text: str) -> date:
    """Return the local day in a path. Raises InvalidInput on `day` for what is none."""
    try:
        return DayField().run_validation(text)  # type: ignore[no-any-return]
    except serializers.ValidationError as error:
        raise InvalidInput.on("day", "Must be a local day such as 2026-04-15.") from error


def check_order(first: date | None, last: date | None) -> None:
    """Raise ValidationError on end_date where the range runs backwards."""
    if first is not None and last is not None and last < first:
        raise serializers.ValidationError({"end_date": "lies before the first day."})


def check_length(first: date | None, last: date | None) -> None:
    """Raise ValidationError on end_date where the range is longer than a summary may be."""
    if first is not None and last is not None and (last - first).days >= MAX_SUMMARY_DAYS:
        raise serializers.ValidationError({"end_date": f"A summary covers at most {MAX_SUMMARY_DAYS} days."})
