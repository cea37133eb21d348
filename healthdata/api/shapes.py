"""The answers of the read endpoints, declared for the OpenAPI schema; the dicts are built elsewhere."""

from typing import Any

from rest_framework import serializers

from healthdata.serializers import (
    DataSourceSerializer,
    HealthScoreSerializer,
    SampleSerializer,
    SleepSessionSerializer,
    SleepStageMinutesSerializer,
    WorkoutSerializer,
)
from wearlink.lib.api.pagination import OffsetPagination

Shape = serializers.Serializer[Any]


def known(help_text: str) -> serializers.FloatField:
    """A number, or null where nobody measured it."""
    return serializers.FloatField(allow_null=True, help_text=help_text)


def whole(help_text: str) -> serializers.IntegerField:
    """A whole number, or null where nobody measured it."""
    return serializers.IntegerField(allow_null=True, help_text=help_text)


class CursorPagination(Shape):
    """Where the next page starts."""

    next_cursor = serializers.CharField(allow_null=True, help_text="Send it as `cursor`; null on the last page.")
    has_more = serializers.BooleanField()
    total_count = serializers.IntegerField(help_text="Rows the whole query gives at this resolution.")


class TimeseriesPageSerializer(Shape):
    data = SampleSerializer(many=True)  # type: ignore[assignment]
    pagination = CursorPagination()


class WorkoutPageSerializer(Shape):
    data = WorkoutSerializer(many=True)  # type: ignore[assignment]
    pagination = CursorPagination()


class SleepSessionPageSerializer(Shape):
    data = SleepSessionSerializer(many=True)  # type: ignore[assignment]
    pagination = CursorPagination()


class HealthScorePageSerializer(Shape):
    data = HealthScoreSerializer(many=True)  # type: ignore[assignment]
    pagination = OffsetPagination()


class RoutePointSerializer(Shape):
    timestamp = serializers.DateTimeField()
    latitude = serializers.FloatField(help_text="Degrees north.")
    longitude = serializers.FloatField(help_text="Degrees east.")
    altitude_meters = known("Metres above sea level.")


class WorkoutSampleSerializer(Shape):
    timestamp = serializers.DateTimeField()
    series_type = serializers.CharField()
    value = serializers.FloatField()
    unit = serializers.CharField()


class WorkoutDetailSerializer(WorkoutSerializer):
    """A workout with all that is known about it."""

    title = serializers.CharField(allow_null=True)
    notes = serializers.CharField(allow_null=True)
    original_type = serializers.CharField(allow_null=True, help_text="What the source called it, if `type` cannot say.")
    details = serializers.DictField(help_text="Further figures of the source, such as average_met or indoor.")
    segments = serializers.ListField(
        child=serializers.DictField(), help_text="Parts of the workout, as the source cut it."
    )
    laps = serializers.ListField(child=serializers.DictField(), help_text="Laps with start_time, end_time, distance.")
    route = RoutePointSerializer(
        many=True, help_text="Where the same source was between start and end, up to 5,000 points."
    )
    route_resolution_seconds = whole(
        "Null: as recorded; else longer routes are thinned to one point in so many seconds."
    )
    samples = WorkoutSampleSerializer(
        many=True, help_text="Heart rate, cadence, speed and power of the same source, by time, up to 15,000."
    )
    samples_resolution_seconds = whole("Null: as recorded; else readings are put together by so many seconds.")


class SleepStageSerializer(Shape):
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField()
    stage = serializers.CharField(help_text="awake, light, deep, rem, sleeping (stage unknown) or in_bed.")


class SleepSessionDetailSerializer(SleepSessionSerializer):
    """A night or nap with its course."""

    hypnogram = SleepStageSerializer(many=True, help_text="The stages in order, without overlaps.")
    time_in_bed_seconds = whole("Time in bed, if the source tells it.")
    latency_seconds = whole("From going to bed to falling asleep, if the source tells when that was.")
    awakenings = whole("How often awake between the first and the last sleep.")
    awake_after_onset_seconds = whole("Awake between the first and the last sleep.")


class ShareSerializer(DataSourceSerializer):
    """What one source gave to a figure."""

    id = serializers.UUIDField(help_text="Id of the source, as in GET /users/{user_id}/sources.")
    value = serializers.FloatField(required=False, help_text="Its part of a sum, or its own value.")
    minutes = serializers.FloatField(required=False, help_text="Of heart rates: the time its readings speak for.")


class FigureSerializer(Shape):
    """One figure of a day, and where it comes from."""

    value = serializers.FloatField()
    sources = ShareSerializer(many=True, help_text="In the order of preference; their values add up to a sum.")
    coverage_minutes = whole("Measured time behind it; null for a vendor's own figure of unknown wear.")
    is_partial = serializers.BooleanField(help_text="The day still runs, or less than ten hours of it were measured.")
    revision = serializers.IntegerField(help_text="1, and one more for each change after the day was over.")
    revised_at = serializers.DateTimeField(help_text="When the value last changed.")


class ActivityDaySerializer(Shape):
    """One local day, merged from all sources; null where nobody has a figure."""

    date = serializers.DateField()
    steps = whole("count")
    active_calories_kcal = known("Energy of activity.")
    basal_calories_kcal = known("Energy at rest.")
    total_calories_kcal = known("Active plus basal energy; where one of them is unknown, the sources' own total.")
    distance_meters = known("On foot, by bicycle, in water, on snow: every distance added up.")
    flights_climbed = whole("count")
    elevation_gain_meters = known("m")
    active_minutes = whole("Brisk activity: exercise, moderate and vigorous time; else all active time.")
    sedentary_minutes = whole("min")
    avg_heart_rate_bpm = known("Mean by time of the day's readings.")
    min_heart_rate_bpm = known("Lowest reading.")
    max_heart_rate_bpm = known("Highest reading.")
    resting_heart_rate_bpm = known("As the source determines it.")
    sources = serializers.DictField(
        child=DataSourceSerializer(), help_text="The source that gave most of each figure, by field name."
    )
    figures = serializers.DictField(child=FigureSerializer(), help_text="The account of each figure, by field name.")


class ActivitySummarySerializer(Shape):
    data = ActivityDaySerializer(many=True)  # type: ignore[assignment]


class NapsSerializer(Shape):
    count = serializers.IntegerField()
    sleep_duration_seconds = serializers.IntegerField()


class SleepDaySerializer(Shape):
    """The main sleep that ended on this local date, and the naps. All from one source."""

    date = serializers.DateField()
    sleep_id = serializers.UUIDField(allow_null=True, help_text="The main session; null if there were only naps.")
    start_time = serializers.DateTimeField(allow_null=True)
    end_time = serializers.DateTimeField(allow_null=True)
    zone_offset = serializers.CharField(allow_null=True)
    duration_seconds = whole("End minus start.")
    sleep_duration_seconds = whole("Light, deep, REM and unstaged sleep.")
    efficiency_percent = known("sleep_duration_seconds of duration_seconds.")
    stages = SleepStageMinutesSerializer(allow_null=True)
    interruptions = whole("How often awake between the first and the last sleep.")
    awake_after_onset_minutes = whole("Minutes awake between the first and the last sleep.")
    latency_minutes = whole("Minutes to fall asleep.")
    avg_heart_rate_bpm = known("bpm")
    avg_hrv_sdnn_ms = known("SDNN, ms.")
    avg_hrv_rmssd_ms = known("RMSSD, ms.")
    avg_respiratory_rate = known("Breaths a minute.")
    avg_spo2_percent = known("%")
    naps = NapsSerializer()
    source = DataSourceSerializer()  # type: ignore[assignment]


class SleepSummarySerializer(Shape):
    data = SleepDaySerializer(many=True)  # type: ignore[assignment]


class BodyFigures(Shape):
    """What both halves of the body summary tell."""

    weight_kg = known("kg")
    bmi = known("kg/m², the source's own, else weight by height squared.")
    body_fat_percent = known("%")
    body_fat_mass_kg = known("kg")
    lean_body_mass_kg = known("kg")
    muscle_mass_kg = known("kg")
    waist_circumference_cm = known("cm")
    resting_heart_rate_bpm = known("bpm")
    hrv_sdnn_ms = known("SDNN, ms.")
    hrv_rmssd_ms = known("RMSSD, ms.")
    respiratory_rate = known("Breaths a minute.")
    spo2_percent = known("%")
    body_temperature_celsius = known("Degrees Celsius.")
    skin_temperature_celsius = known("Degrees Celsius.")
    blood_pressure_systolic_mmhg = known("mmHg")
    blood_pressure_diastolic_mmhg = known("mmHg")
    blood_glucose_mg_dl = known("mg/dL")
    vo2_max = known("mL/kg/min")
    sources = serializers.DictField(child=DataSourceSerializer(), help_text="The source of each figure, by field name.")


class LatestBodySerializer(BodyFigures):
    """The newest value of each figure."""

    height_cm = known("cm")
    measured_at = serializers.DictField(
        child=serializers.DateTimeField(), help_text="When each figure was measured, by field name."
    )


class AveragedBodySerializer(BodyFigures):
    """Means over the days that have a value; each day's value comes from one source, named for the newest day."""

    start_date = serializers.DateField()
    end_date = serializers.DateField()


class BodySummarySerializer(Shape):
    latest = LatestBodySerializer()
    averaged = AveragedBodySerializer()


class DataTotalsSerializer(Shape):
    samples = serializers.IntegerField()
    workouts = serializers.IntegerField()
    sleep_sessions = serializers.IntegerField()
    health_scores = serializers.IntegerField()


class SeriesCountSerializer(Shape):
    series_type = serializers.CharField()
    provider = serializers.CharField()
    count = serializers.IntegerField()
    first_at = serializers.DateTimeField(help_text="When the oldest value was; of daily values the date.")
    last_at = serializers.DateTimeField(help_text="When the newest value was; of daily values the date.")


class EventCountSerializer(Shape):
    provider = serializers.CharField()
    count = serializers.IntegerField()
    first_date = serializers.DateField()
    last_date = serializers.DateField()


class DataSummarySerializer(Shape):
    """How much of what is stored for a user."""

    user_id = serializers.UUIDField()
    totals = DataTotalsSerializer()
    series = SeriesCountSerializer(many=True)
    workouts = EventCountSerializer(many=True)
    sleep_sessions = EventCountSerializer(many=True)
    health_scores = EventCountSerializer(many=True)
