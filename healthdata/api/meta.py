"""GET /meta/series-types and /meta/workout-types: the catalogue as customers see it.

Both answers are fixed for the life of a process, so their bytes and tags are made once.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from healthdata import upload_names
from healthdata.catalogue import SERIES, WORKOUT_TYPES, Aggregation, SameStart, Series, SeriesKind, WorkoutType
from wearlink.lib.api.pagination import WholePagination
from wearlink.lib.api.rendering import dumps
from wearlink.lib.api.views import TenantView


class SeriesTypeSerializer(serializers.Serializer[Any]):
    """One series of the catalogue."""

    code = serializers.CharField(help_text="What `types` takes and `series_type` answers.")
    unit = serializers.CharField(help_text="Unit of every value of the series.")
    aggregation = serializers.ChoiceField([one.value for one in Aggregation], help_text="How values are put together.")
    kind = serializers.ChoiceField([one.value for one in SeriesKind], help_text="What one value covers.")
    category = serializers.CharField()
    group = serializers.CharField(allow_null=True, help_text="Group of its webhook events; null for umbrella names.")
    same_start = serializers.ChoiceField(
        [one.value for one in SameStart],
        allow_null=True,
        help_text="Whether a second value at the same start replaces the first or both are kept.",
    )
    sensitive = serializers.BooleanField(help_text="Reproductive health, alcohol and sexual activity.")
    description = serializers.CharField()
    members = serializers.ListField(
        child=serializers.CharField(), help_text="The series that an umbrella name covers; else empty."
    )
    upload_types = serializers.ListField(
        child=serializers.CharField(), help_text="What a phone may call it: HealthKit identifiers, the SDKs' names."
    )
    upload_units = serializers.ListField(
        child=serializers.CharField(), help_text="Units taken for it in uploads; spaces and letter case do not matter."
    )


class WorkoutTypeSerializer(serializers.Serializer[Any]):
    """One workout type of the catalogue."""

    code = serializers.CharField()
    has_distance_and_pace = serializers.BooleanField(help_text="Whether a pace is computed from its distance.")
    healthkit_type = serializers.CharField(help_text="The HealthKit activity it belongs to.")
    aliases = serializers.ListField(child=serializers.CharField(), help_text="Other names a sync may use.")


class SeriesTypesSerializer(serializers.Serializer[Any]):
    """All series types of the catalogue."""

    data = SeriesTypeSerializer(many=True)  # type: ignore[assignment]
    pagination = WholePagination()


class WorkoutTypesSerializer(serializers.Serializer[Any]):
    """All workout types of the catalogue."""

    data = WorkoutTypeSerializer(many=True)  # type: ignore[assignment]
    pagination = WholePagination()


def series_type(series: Series) -> dict[str, Any]:
    """Return a series as the API shows it."""
    return {
        "code": series.code,
        "unit": series.unit,
        "aggregation": series.aggregation.value,
        "kind": series.kind.value,
        "category": series.category,
        "group": series.group or None,
        "same_start": None if series.is_umbrella else series.same_start.value,
        "sensitive": series.sensitive,
        "description": series.description,
        "members": list(series.members),
        "upload_types": upload_names.TYPES_OF_SERIES.get(series.code, []),
        "upload_units": upload_names.UNITS_OF_SERIES.get(series.code, []),
    }


def workout_type(kind: WorkoutType) -> dict[str, Any]:
    """Return a workout type as the API shows it."""
    return {
        "code": kind.code,
        "has_distance_and_pace": kind.has_distance_and_pace,
        "healthkit_type": kind.apple,
        "aliases": list(kind.aliases),
    }


def _list(data: Sequence[Mapping[str, Any]], total: int | None = None) -> dict[str, Any]:
    """Return a list that is complete, or the beginning of one of `total` as an example."""
    return {"data": data, "pagination": {"total_count": total or len(data), "has_more": False}}


@dataclass(frozen=True, slots=True)
class Document:
    """An answer made once: its bytes and their tag."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, data: object) -> "Document":
        body = dumps(data)
        return cls(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    def answer(self, request: Request) -> Response:
        """Return the bytes, or 304 to a client that has them."""
        known = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
        response = Response(status=HTTPStatus.NOT_MODIFIED) if known & {self.etag, "*"} else Response(self.body)
        response["ETag"] = self.etag
        return response


@cache
def series_types() -> Document:
    return Document.of(_list([series_type(series) for series in SERIES.values()]))


@cache
def workout_types() -> Document:
    return Document.of(_list([workout_type(kind) for kind in WORKOUT_TYPES.values()]))


class SeriesTypesView(TenantView):
    has_etags = True

    @extend_schema(
        operation_id="list_series_types",
        tags=["Catalogue"],
        summary="All series types",
        description=(
            "Every series WearLink stores, with its unit and how it is aggregated, and the umbrella names that cover "
            "several. The list changes with releases only: keep it and ask again with If-None-Match."
        ),
        responses={
            200: OpenApiResponse(
                SeriesTypesSerializer,
                examples=[
                    OpenApiExample(
                        "Two of the series types",
                        value=_list(
                            [series_type(SERIES["heart_rate"]), series_type(SERIES["blood_pressure"])], len(SERIES)
                        ),
                        response_only=True,
                    )
                ],
            )
        },
    )
    def get(self, request: Request) -> Response:
        """List the series types in the catalogue's order."""
        return series_types().answer(request)


class WorkoutTypesView(TenantView):
    has_etags = True

    @extend_schema(
        operation_id="list_workout_types",
        tags=["Catalogue"],
        summary="All workout types",
        description=(
            "Every workout type, with the names a sync may use for it. What is sent under another name is stored as "
            "`other`. The list changes with releases only: keep it and ask again with If-None-Match."
        ),
        responses={
            200: OpenApiResponse(
                WorkoutTypesSerializer,
                examples=[
                    OpenApiExample(
                        "Two of the workout types",
                        value=_list(
                            [workout_type(WORKOUT_TYPES["running"]), workout_type(WORKOUT_TYPES["yoga"])],
                            len(WORKOUT_TYPES),
                        ),
                        response_only=True,
                    )
                ],
            )
        },
    )
    def get(self, request: Request) -> Response:
        """List the workout types in the catalogue's order."""
        return workout_types().answer(request)
