"""Sessions and scores: things with an id of their own that the API lists."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from healthdata.models.series import Source
from wearlink.lib.clock import to_ms


class Workout(models.Model):
    """One session of exercise. Field names and units are the API's."""

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user_key = models.BigIntegerField()
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    external_id = models.CharField(max_length=200, null=True)  # unknown is not empty; unique where known
    version = models.BigIntegerField(null=True)
    type = models.CharField(max_length=64)
    original_type = models.CharField(max_length=100, default="", db_default="")
    start = models.DateTimeField()
    end = models.DateTimeField()
    zone = models.SmallIntegerField(null=True)
    day = models.DateField()  # the end user's local date of the start
    same_as = models.UUIDField(null=True)  # another source's workout that counts for this one
    is_left_out = models.BooleanField(default=False, db_default=False)  # its source is hidden, or an order excludes it
    title = models.TextField(default="", db_default="")
    notes = models.TextField(default="", db_default="")
    duration_seconds = models.FloatField(null=True)
    distance_meters = models.FloatField(null=True)
    calories_kcal = models.FloatField(null=True)
    basal_calories_kcal = models.FloatField(null=True)
    avg_heart_rate_bpm = models.FloatField(null=True)
    max_heart_rate_bpm = models.FloatField(null=True)
    min_heart_rate_bpm = models.FloatField(null=True)
    elevation_gain_meters = models.FloatField(null=True)
    elevation_loss_meters = models.FloatField(null=True)
    avg_speed_mps = models.FloatField(null=True)
    max_speed_mps = models.FloatField(null=True)
    average_power_watts = models.FloatField(null=True)
    details = models.JSONField(default=dict)
    segments = models.JSONField(default=list)
    laps = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user_key", "source", "external_id"],
                condition=Q(external_id__isnull=False),
                name="workout_once_per_external_id",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user_key", "start", "key"], name="workout_by_start"),
            models.Index(fields=["user_key", "day", "start", "key"], name="workout_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

    @property
    def start_ms(self) -> int:
        return to_ms(self.start)

    @property
    def end_ms(self) -> int:
        return to_ms(self.end)


class SleepStage(models.Model):
    """One stored stage row, as received. Sessions are computed from these and nothing else."""

    pk = models.CompositePrimaryKey("user_key", "source_id", "start_ms", "end_ms", "stage")
    user_key = models.BigIntegerField()
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    stage = models.CharField(max_length=16)
    zone = models.SmallIntegerField(null=True)
    nap = models.BooleanField(null=True)

    class Meta:
        db_table = "healthdata_sleepstage"

    def __str__(self) -> str:
        return f"{self.stage} of source {self.source_id}"


class SleepSession(models.Model):
    """A night or nap: the outcome of healthdata.sleep over the stage rows of one source.

    The id stays when later rows lengthen the session or join two. Averages are means of the same provider's
    samples within [start, end].
    """

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user_key = models.BigIntegerField()
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    start = models.DateTimeField()
    end = models.DateTimeField()
    zone = models.SmallIntegerField(null=True)
    day = models.DateField()  # the end user's local date of waking
    is_nap = models.BooleanField()
    same_as = models.UUIDField(null=True)  # another source's session that counts for this one
    is_left_out = models.BooleanField(default=False, db_default=False)  # its source is hidden, or an order excludes it
    duration_seconds = models.IntegerField()
    sleep_seconds = models.IntegerField(null=True)
    in_bed_seconds = models.IntegerField(null=True)
    awake_seconds = models.IntegerField(null=True)
    light_seconds = models.IntegerField(null=True)
    deep_seconds = models.IntegerField(null=True)
    rem_seconds = models.IntegerField(null=True)
    unstaged_seconds = models.IntegerField(null=True)
    efficiency_percent = models.FloatField(null=True)
    awakenings = models.IntegerField(null=True)
    latency_seconds = models.IntegerField(null=True)
    waso_seconds = models.IntegerField(null=True)
    avg_heart_rate_bpm = models.FloatField(null=True)
    avg_hrv_sdnn_ms = models.FloatField(null=True)
    avg_hrv_rmssd_ms = models.FloatField(null=True)
    avg_respiratory_rate = models.FloatField(null=True)
    avg_spo2_percent = models.FloatField(null=True)
    stages = models.JSONField(default=list)  # [[start_ms, end_ms, stage], …] cleaned, without overlaps
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user_key", "day", "start", "key"], name="sleep_by_day"),
            models.Index(fields=["user_key", "source", "start"], name="sleep_by_source"),
        ]

    def __str__(self) -> str:
        return f"sleep {self.id}"

    @property
    def start_ms(self) -> int:
        return to_ms(self.start)

    @property
    def end_ms(self) -> int:
        return to_ms(self.end)


class HealthScore(models.Model):
    """A score of a local date in its maker's range. Ours have provider `wearlink`, an algorithm and a version."""

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user_key = models.BigIntegerField()
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_constraint=False, related_name="+", null=True)
    provider = models.CharField(max_length=32)
    category = models.CharField(max_length=32)
    day = models.DateField()
    score = models.FloatField(null=True)  # of our own scores, where inputs are missing; `reason` says which
    range_min = models.FloatField()
    range_max = models.FloatField()
    zone = models.SmallIntegerField(null=True)
    external_id = models.CharField(max_length=200, default="", db_default="")
    version = models.BigIntegerField(null=True)
    rank = models.BigIntegerField(default=0, db_default=0)
    superseded = models.BooleanField(default=False, db_default=False)  # another document's score of the day counts
    algorithm = models.CharField(max_length=64, default="", db_default="")
    algorithm_version = models.CharField(max_length=16, default="", db_default="")
    confidence = models.FloatField(null=True)
    components = models.JSONField(default=dict)
    missing = models.JSONField(default=list)
    inputs = models.JSONField(default=dict, db_default={})
    reason = models.TextField(default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user_key", "provider", "category", "day", "external_id"], name="score_once_per_day"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user_key", "day", "key"], name="score_by_day")]

    def __str__(self) -> str:
        return f"{self.provider} {self.category} {self.day}"
