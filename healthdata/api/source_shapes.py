"""The answers about sources and their orders, declared for the OpenAPI schema; the dicts are built elsewhere."""

from typing import Any

from rest_framework import serializers

from accounts.api.fields import SourcePriorityField
from healthdata.api.shapes import Shape, known
from wearlink.lib.api.bodies import TrueOrFalse
from wearlink.lib.api.pagination import WholePagination


class SourceSeriesSerializer(Shape):
    """The number of values of a series from one source."""

    series_type = serializers.CharField()
    count = serializers.IntegerField()


class SourceSerializer(Shape):
    """A device or app that has sent data."""

    id = serializers.UUIDField()
    provider = serializers.CharField()
    device = serializers.CharField(allow_null=True, help_text="As it is shown with data.")
    device_type = serializers.CharField(allow_null=True, help_text="watch, phone, ring, scale, …, or manual.")
    model = serializers.CharField(allow_null=True, help_text="Hardware model, as the device reports it.")
    manufacturer = serializers.CharField(allow_null=True, help_text="Maker of the device.")
    apps = serializers.ListField(child=serializers.CharField(), help_text="Apps that wrote for it.")
    name = serializers.CharField(allow_null=True, help_text="A name given by PATCH.")
    is_hidden = serializers.BooleanField(help_text="Whether its data are left out everywhere.")
    merged_into = serializers.UUIDField(allow_null=True, help_text="The source that its data count as.")
    first_at = serializers.DateTimeField(allow_null=True, help_text="Its oldest value.")
    last_at = serializers.DateTimeField(allow_null=True, help_text="Its newest value.")
    series = SourceSeriesSerializer(many=True, help_text="What it measures.")
    places = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        help_text="Place in the order of each metric, 1 being the first; null where an order leaves it out.",
    )


class SourcesSerializer(Shape):
    """All sources of an end user, oldest first."""

    data = SourceSerializer(many=True)  # type: ignore[assignment]
    pagination = WholePagination()


class SourceChangesSerializer(Shape):
    """The changeable fields of a source; a field that the body does not name keeps its value."""

    name = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=200,
        help_text="Shown instead of the name that the device gives itself; null takes it back.",
    )
    is_hidden = TrueOrFalse(required=False, help_text="Leave its data out everywhere.")
    merged_into = serializers.UUIDField(
        required=False, allow_null=True, help_text="Count its data as those of this source; null undoes it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in self.initial_data:
            if name not in self.fields:
                accepted = ", ".join(self.fields)
                raise serializers.ValidationError({str(name)[:64]: f"Unknown field. Accepted: {accepted}."})
        return attrs


class SourceOrderSerializer(Shape):
    """The order of sources to preview."""

    source_priority = SourcePriorityField()


class PreviewedFigureSerializer(Shape):
    """A figure that would change."""

    date = serializers.DateField(help_text="Local day of the user.")
    figure = serializers.CharField(help_text="Field name in the activity summary.")
    now = known("As it is.")
    then = known("As it would be.")


class SourceOrderPreviewSerializer(Shape):
    """The figures that an order of sources would change."""

    start_date = serializers.DateField()
    end_date = serializers.DateField()
    days_changed = serializers.IntegerField(help_text="Days of which some figure changes.")
    data = PreviewedFigureSerializer(many=True)  # type: ignore[assignment]
