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
from wearlink.lib.api.pagination import CountedCursorPagination, OffsetPagination

Shape = serializers.Serializer[Any]


def known(help_text: str) -> serializers.FloatField:
    """Return a number, or null where nobody measured it."""
    return serializers.FloatField(allow_null=True, help_text=help_text)


def whole(help_text: str) -> serializers.IntegerField:
    """Return a whole number, or null where nobody measured it."""
    return serializers.IntegerField(allow_null=True, help_text=help_text)


class TimeseriesPageSerializer(Shape):
    """A page of samples or buckets."""

    data = SampleSerializer(many=True)  # type: ignore[assignment]
    pagination = CountedCursorPagination()


class WorkoutPageSerializer(Shape):
    """A page of workouts, newest first."""

    data = WorkoutSerializer(many=True)  # type: ignore[assignment]
    pagination = CountedCursorPagination()


class SleepSessionPageSerializer(Shape):
    """A page of nights and naps."""

    data = SleepSessionSerializer(many=True)  # type: ignore[assignment]
    pagination = CountedCursorPagination()


class HealthScorePageSerializer(Shape):
    """A page of health scores."""

    data = HealthScoreSerializer(many=True)  # type: ignore[assignment]
    pagination = OffsetPagination()


class RoutePointSerializer(Shape):
    """A position at a moment of a workout."""

    timestamp = serializers.DateTimeField()
    latitude = serializers.FloatField(help_text="Degrees north.")
    longitude = serializers.FloatField(help_text="Degrees east.")
    altitude_meters = known("Metres above sea level.")


class WorkoutSampleSerializer(Shape):
    """One reading during a workout."""

    timestamp = serializers.DateTimeField()
    series_type = serializers.CharField()
    value = serializers.FloatField()
    unit = serializers.CharField()


class WorkoutDetailSerializer(WorkoutSerializer):
    """A workout with all of its details."""

    title = serializers.CharField(allow_null=True, help_text="Its title, if it has one.")
    notes = serializers.CharField(allow_null=True, help_text="A note, if there is one.")
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
    """A stretch of one stage."""

    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField()
    stage = serializers.CharField(help_text="awake, light, deep, rem, sleeping (stage unknown) or in_bed.")


class SleepSessionDetailSerializer(SleepSessionSerializer):
    """A night or nap with its course."""

    hypnogram = SleepStageSerializer(many=True, help_text="The stages in order, without overlaps.")
    time_in_bed_seconds = whole("Time in bed, if the source gives it.")
    latency_seconds = whole("From going to bed to falling asleep, if the source gives the moment.")
    awakenings = whole("How often awake between the first and the last sleep.")
    awake_after_onset_seconds = whole("Awake between the first and the last sleep.")


class FigureShareSerializer(DataSourceSerializer):
    """One source's part of a figure."""

    id = serializers.UUIDField(help_text="Id of the source, as in GET /users/{user_id}/sources.")
    value = serializers.FloatField(required=False, help_text="Its part of a sum, or its own value.")
    minutes = serializers.FloatField(required=False, help_text="Of heart rates: the time its readings speak for.")


class DayFigureSerializer(Shape):
    """One figure of a day, and where it comes from."""

    value = serializers.FloatField()
    sources = FigureShareSerializer(many=True, help_text="In the order of preference; their values add up to a sum.")
    coverage_minutes = whole("Measured time behind it; null for a vendor's own figure of unknown wear.")
    is_partial = serializers.BooleanField(help_text="The day still runs, or less than ten hours of it were measured.")
    revision = serializers.IntegerField(help_text="1, and one more for each change after the day was over.")
    revised_at = serializers.DateTimeField(help_text="When the value last changed.")


class LeftOutShareSerializer(Shape):
    """A part of a source's data that does not count, with the reason."""

    reason = serializers.CharField(
        help_text="covered, condensed, daily_total, not_worn, excluded, sum_of_parts, hidden or rank."
    )
    amount = serializers.FloatField(help_text="How much of it; in `unit_of_shares`.")
    detail = serializers.CharField(help_text="The reason in words.")


class ExplainedShareSerializer(DataSourceSerializer):
    """One source's data for a figure: kept plus left_out is all of it."""

    id = serializers.UUIDField()
    device_type = serializers.CharField(allow_null=True, help_text="watch, phone, ring, scale, … or manual.")
    place = serializers.IntegerField(help_text="1 goes before all others.")
    kept = serializers.FloatField(help_text="What counts; in `unit_of_shares`. Of a sum, all kept add up to its value.")
    left_out = serializers.FloatField(help_text="What does not; in `unit_of_shares`.")
    minutes = serializers.FloatField(help_text="Of the day that are this source's.")
    is_daily_total = serializers.BooleanField(help_text="What counts is the vendor's own figure of the day.")
    reasons = LeftOutShareSerializer(many=True, help_text="Why something is left out.")
    samples = serializers.CharField(help_text="Path at which its samples of the day are listed.")


class FigureExplanationSerializer(Shape):
    """The origin of a figure: its rule, and the part of each source."""

    rule = serializers.CharField(help_text="sum, mean, lowest, highest, one or energy.")
    version = serializers.IntegerField(help_text="Of the rules.")
    value = known("The figure, also where it is not shown.")
    unit_of_shares = serializers.CharField(help_text="value, or minutes for means.")
    coverage_minutes = whole("As in `figures`.")
    min_coverage = serializers.IntegerField(help_text="Covered minutes that an order of sources asks for.")
    is_shown = serializers.BooleanField(help_text="Whether the figure is shown: it has a value and enough coverage.")
    sources = ExplainedShareSerializer(many=True, help_text="In the order of preference; left out altogether last.")


class RevisionCauseSerializer(Shape):
    """The cause of a change of a figure."""

    kind = serializers.CharField(help_text="batch, import, retraction, time_zone, preference or sources.")
    id = serializers.CharField(allow_null=True, help_text="Of the batch or import.")


class FigureRevisionSerializer(Shape):
    """One change of one figure."""

    figure = serializers.CharField(help_text="Field name.")
    revision = serializers.IntegerField(help_text="Its number.")
    old_value = known("Before.")
    new_value = known("After; null where it went.")
    causes = RevisionCauseSerializer(many=True, help_text="What brought it about.")
    at = serializers.DateTimeField(help_text="When.")


class FigureRevisionsSerializer(Shape):
    """The changes of a day, oldest first."""

    data = FigureRevisionSerializer(many=True)  # type: ignore[assignment]


class ActivityDaySerializer(Shape):
    """One local day, merged from all sources; null where no source has a figure."""

    date = serializers.DateField(help_text="Local day of the user.")
    steps = whole("Steps.")
    active_calories_kcal = known("Energy of activity.")
    basal_calories_kcal = known("Energy at rest.")
    total_calories_kcal = known("Active plus basal energy; where one of them is unknown, the sources' own total.")
    distance_meters = known("On foot, by bicycle, in water, on snow: every distance added up.")
    flights_climbed = whole("Floors climbed.")
    elevation_gain_meters = known("Metres climbed.")
    active_minutes = whole("Brisk activity: exercise, moderate and vigorous time; else all active time.")
    sedentary_minutes = whole("Minutes sitting or lying awake.")
    avg_heart_rate_bpm = known("Mean by time of the day's readings.")
    min_heart_rate_bpm = known("Lowest reading.")
    max_heart_rate_bpm = known("Highest reading.")
    resting_heart_rate_bpm = known("As the source determines it.")
    sources = serializers.DictField(
        child=DataSourceSerializer(), help_text="The source that gave most of each figure, by field name."
    )
    figures = serializers.DictField(child=DayFigureSerializer(), help_text="What is behind each figure, by field name.")
    explain = serializers.DictField(
        child=FigureExplanationSerializer(), required=False, help_text="With explain=1: the account of each figure."
    )


class ActivitySummarySerializer(Shape):
    """Days with data, oldest first."""

    data = ActivityDaySerializer(many=True)  # type: ignore[assignment]


class DayNapsSerializer(Shape):
    """The naps of a day together."""

    count = serializers.IntegerField()
    sleep_duration_seconds = serializers.IntegerField(help_text="Asleep in all of them together.")


class SleepDaySerializer(Shape):
    """The main sleep that ended on this local date, and the naps."""

    date = serializers.DateField(help_text="Local day of waking.")
    sleep_id = serializers.UUIDField(allow_null=True, help_text="The main session; null if there were only naps.")
    sleep_ids = serializers.ListField(
        child=serializers.UUIDField(), help_text="The sessions that the main sleep was recorded in; mostly one."
    )
    start_time = serializers.DateTimeField(allow_null=True)
    end_time = serializers.DateTimeField(allow_null=True)
    zone_offset = serializers.CharField(allow_null=True, help_text="Offset from UTC in which it was slept.")
    duration_seconds = whole("End minus start; of a sleep in several sessions, their sum.")
    sleep_duration_seconds = whole("Light, deep, REM and unstaged sleep.")
    efficiency_percent = known("sleep_duration_seconds of duration_seconds.")
    stages = SleepStageMinutesSerializer(
        allow_null=True, help_text="Minutes by stage; null without a main sleep, or without stages."
    )
    interruptions = whole("How often awake between the first and the last sleep.")
    awake_after_onset_minutes = whole("Minutes awake between the first and the last sleep.")
    latency_minutes = whole("Minutes to fall asleep.")
    avg_heart_rate_bpm = known("Mean heart rate asleep.")
    avg_hrv_sdnn_ms = known("SDNN, ms.")
    avg_hrv_rmssd_ms = known("RMSSD, ms.")
    avg_respiratory_rate = known("Breaths a minute.")
    avg_spo2_percent = known("Mean oxygen saturation asleep.")
    naps = DayNapsSerializer(help_text="The naps of the day.")
    source = DataSourceSerializer()  # type: ignore[assignment]


class SleepSummarySerializer(Shape):
    """Days with sleep, oldest first."""

    data = SleepDaySerializer(many=True)  # type: ignore[assignment]


class BodyFigures(Shape):
    """The fields that both halves of the body summary have."""

    weight_kg = known("Weight.")
    bmi = known("kg/m², the source's own, else weight by height squared.")
    body_fat_percent = known("Share of fat.")
    body_fat_mass_kg = known("Mass of fat.")
    lean_body_mass_kg = known("Mass without fat.")
    muscle_mass_kg = known("Mass of muscle.")
    waist_circumference_cm = known("Waist.")
    resting_heart_rate_bpm = known("Heart rate at rest.")
    hrv_sdnn_ms = known("SDNN, ms.")
    hrv_rmssd_ms = known("RMSSD, ms.")
    respiratory_rate = known("Breaths a minute.")
    spo2_percent = known("Oxygen saturation.")
    body_temperature_celsius = known("Degrees Celsius.")
    skin_temperature_celsius = known("Degrees Celsius.")
    blood_pressure_systolic_mmhg = known("Systolic.")
    blood_pressure_diastolic_mmhg = known("Diastolic.")
    blood_glucose_mg_dl = known("Glucose.")
    vo2_max = known("Maximal oxygen uptake, mL/kg/min.")
    sources = serializers.DictField(child=DataSourceSerializer(), help_text="The source of each figure, by field name.")


class LatestBodySerializer(BodyFigures):
    """The newest value of each figure."""

    height_cm = known("Height.")
    measured_at = serializers.DictField(
        child=serializers.DateTimeField(), help_text="When each figure was measured, by field name."
    )


class AveragedBodySerializer(BodyFigures):
    """Means over the days that have a value; each day's value comes from one source, named for the newest day."""

    start_date = serializers.DateField()
    end_date = serializers.DateField()


class BodySummarySerializer(Shape):
    """The latest and the averaged figures of the body."""

    latest = LatestBodySerializer(help_text="The newest value of each figure.")
    averaged = AveragedBodySerializer(help_text="Means over the range.")


class DataTotalsSerializer(Shape):
    """The numbers of stored rows, all providers together."""

    samples = serializers.IntegerField(help_text="Samples and daily values.")
    workouts = serializers.IntegerField(help_text="Workouts.")
    sleep_sessions = serializers.IntegerField(help_text="Nights and naps.")
    health_scores = serializers.IntegerField(help_text="Scores.")


class SeriesCountSerializer(Shape):
    """The number of values of a series from one provider, and their time."""

    series_type = serializers.CharField()
    provider = serializers.CharField()
    count = serializers.IntegerField()
    first_at = serializers.DateTimeField(help_text="When the oldest value was; of daily values the date.")
    last_at = serializers.DateTimeField(help_text="When the newest value was; of daily values the date.")


class EventCountSerializer(Shape):
    """The number of events from one provider, and their dates."""

    provider = serializers.CharField()
    count = serializers.IntegerField()
    first_date = serializers.DateField()
    last_date = serializers.DateField()


class DataSummarySerializer(Shape):
    """The counts of all data stored for a user."""

    user_id = serializers.UUIDField()
    totals = DataTotalsSerializer(help_text="Of all providers.")
    series = SeriesCountSerializer(many=True, help_text="By series and provider.")
    workouts = EventCountSerializer(many=True, help_text="By provider.")
    sleep_sessions = EventCountSerializer(many=True, help_text="By provider.")
    health_scores = EventCountSerializer(many=True, help_text="By provider.")
