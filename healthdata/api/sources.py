"""GET /users/{user_id}/sources, PATCH of one, and what another order of sources would change."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from accounts.end_users import source_preferences
from healthdata import serializers
from healthdata.api import examples
from healthdata.api.parameters import SOURCE_ID, USER_ID
from healthdata.api.source_shapes import (
    SourceChangesSerializer,
    SourceOrderPreviewSerializer,
    SourceOrderSerializer,
    SourceSerializer,
    SourcesSerializer,
)
from healthdata.figures.load import candidate
from healthdata.figures.preview import PreviewedFigure, preview
from healthdata.merge.preferences import Priority
from healthdata.metrics import METRIC_OF_FIELD, METRICS
from healthdata.models import Source
from healthdata.queries.counts import SourceSeries
from healthdata.sources import source_settings
from wearlink.lib.api.pagination import whole
from wearlink.lib.clock import rfc3339

_METRIC_NAMES: Final = tuple(dict.fromkeys(metric.name for metric in METRICS))
TAGS: Final = ["Health data"]


class SourcesView(EndUserView):
    """All sources of an end user."""

    @extend_schema(
        operation_id="list_sources",
        tags=TAGS,
        summary="Sources of a user",
        parameters=[USER_ID],
        description=(
            "Every device and app that has sent data: what it is, its series with their first and last values, and its "
            "place in the order of each metric. Two apps on one phone are two sources; what was typed in is a source "
            "of its own, of type `manual`."
        ),
        responses={200: OpenApiResponse(SourcesSerializer, examples=[examples.SOURCES])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        """List the sources, oldest first."""
        priority = Priority.cascade(self.organization.source_priority, self.end_user.source_priority)
        return Response(whole(shown_sources(self.end_user.key, priority)))


class SourceView(EndUserView):
    @extend_schema(
        operation_id="update_source",
        tags=TAGS,
        summary="Rename, hide or merge a source",
        parameters=[USER_ID, SOURCE_ID],
        description=(
            "`name` replaces the device's name wherever it is shown. `is_hidden` leaves all data of the source out of "
            "time series and figures; its workouts and nights stay in the lists and are never primary. `merged_into` "
            "counts and shows its data as those of another source, for instance where a watch came under two names; in "
            "the choice among recordings of one night or workout it has that one's place. Data stay as they are, so "
            "null and false undo each. All figures that it has a part in are computed again."
        ),
        request=SourceChangesSerializer,
        responses={200: OpenApiResponse(SourceSerializer, examples=[examples.SOURCE])},
        examples=[OpenApiExample("Hide", value={"is_hidden": True}, request_only=True)],
    )
    def patch(self, request: Request, user_id: str, source_id: str) -> Response:
        """Change what the body names."""
        changes = SourceChangesSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        values = dict(changes.validated_data)
        if "name" in values:
            values["label"] = values.pop("name") or ""
        source = source_settings.update(self.end_user.key, source_id, values)
        priority = Priority.cascade(self.organization.source_priority, self.end_user.source_priority)
        found = {one["id"]: one for one in shown_sources(self.end_user.key, priority)}
        return Response(found[str(source.uid)])


class SourcePreferencesPreviewView(EndUserView):
    """POST /users/{user_id}/source-preferences/preview."""

    @extend_schema(
        operation_id="preview_source_preferences",
        tags=TAGS,
        summary="Preview an order of sources",
        parameters=[USER_ID],
        description=(
            "Which figures of the last 30 local days would change, from what to what, if `source_priority` were the "
            "end user's. Nothing is saved."
        ),
        request=SourceOrderSerializer,
        responses={200: OpenApiResponse(SourceOrderPreviewSerializer, examples=[examples.PREVIEW])},
        examples=[OpenApiExample("Phone first", value={"source_priority": {"steps": ["phone"]}}, request_only=True)],
    )
    def post(self, request: Request, user_id: str) -> Response:
        body = SourceOrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        order = body.validated_data["source_priority"]
        source_preferences.require_valid(self.end_user.key, order)
        current = Priority.cascade(self.organization.source_priority, self.end_user.source_priority)
        proposed = Priority.cascade(self.organization.source_priority, order)
        first, last, changes = preview(self.end_user.key, current, proposed)
        return Response(
            {
                "start_date": first.isoformat(),
                "end_date": last.isoformat(),
                "days_changed": len({one.day for one in changes}),
                "data": [_previewed(one) for one in changes],
            }
        )


def _previewed(one: PreviewedFigure) -> dict[str, Any]:
    digits = METRIC_OF_FIELD[one.metric].digits
    return {
        "date": one.day.isoformat(),
        "figure": one.metric,
        "now": serializers.figure(one.now, digits),
        "then": serializers.figure(one.then, digits),
    }


def shown_sources(user_key: int, priority: Priority) -> list[dict[str, Any]]:
    sources = list(Source.objects.filter(user_key=user_key).order_by("id"))
    series = source_settings.series_by_source(user_key)
    places = _places(sources, priority)
    uids = {source.id: str(source.uid) for source in sources}
    return [_source(source, series.get(source.id, []), places[source.id], uids) for source in sources]


def _places(sources: Sequence[Source], priority: Priority) -> dict[int, dict[str, int | None]]:
    """Return each source's place for each metric, 1 being the first; None where an order leaves it out."""
    places: dict[int, dict[str, int | None]] = {source.id: {} for source in sources}
    candidates = [candidate(source) for source in sources]
    for metric in _METRIC_NAMES:
        counted = [one for one in candidates if not priority.excludes(one, metric)]
        ordered = sorted({priority.rank(one, metric) for one in counted})
        for one in candidates:
            places[one.id][metric] = ordered.index(priority.rank(one, metric)) + 1 if one in counted else None
    return places


def _source(
    source: Source, series: Sequence[SourceSeries], places: Mapping[str, int | None], uids: Mapping[int, str]
) -> dict[str, Any]:
    return {
        "id": str(source.uid),
        "provider": source.provider,
        "device": source.device,
        "device_type": source.device_type or None,
        "model": source.model or None,
        "manufacturer": source.manufacturer or None,
        "apps": source.apps,
        "name": source.label or None,
        "is_hidden": source.is_hidden,
        "merged_into": uids.get(source.merged_into or 0),
        "first_at": rfc3339(min(one.first_ms for one in series)) if series else None,
        "last_at": rfc3339(max(one.last_ms for one in series)) if series else None,
        "series": [{"series_type": one.series, "count": one.n} for one in series],
        "places": dict(places),
    }
