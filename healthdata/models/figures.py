"""Figures of local days, how they came to change, and the days that are to be computed."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class DayFigure(models.Model):
    """One figure of one local day, merged from its sources (healthdata.merge).

    `sources` and `kept` are parallel lists: who gave something, in the order of preference, and how much. `rules` is
    a digest of the rules and the order of sources it was made by: a row of other rules is out of date.
    """

    pk = models.CompositePrimaryKey("user_key", "day", "metric")
    user_key = models.BigIntegerField()
    day = models.DateField()
    metric = models.CharField(max_length=32)
    value = models.FloatField()
    sources = ArrayField(models.IntegerField())
    kept = ArrayField(models.FloatField())
    coverage_minutes = models.SmallIntegerField(null=True)
    is_partial = models.BooleanField()
    rules = models.BigIntegerField()
    revision = models.IntegerField(default=1)
    revised_at = models.DateTimeField()

    class Meta:
        db_table = "healthdata_dayfigure"

    def __str__(self) -> str:
        return f"{self.metric} of {self.day}"


class DayRevision(models.Model):
    """One change of a figure after it was first computed; append-only."""

    id = models.BigAutoField(primary_key=True)
    user_key = models.BigIntegerField()
    day = models.DateField()
    metric = models.CharField(max_length=32)
    revision = models.IntegerField()
    old_value = models.FloatField(null=True)
    new_value = models.FloatField(null=True)
    causes = models.TextField(default="", db_default="")  # as DueDay has them
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user_key", "day", "metric", "revision"], name="revision_by_day")]

    def __str__(self) -> str:
        return f"revision {self.revision} of {self.metric}, {self.day}"


class HeartDay(models.Model):
    """The time at each whole heart rate on a local day, from merged readings; strain is computed from it.

    `times` are ms at `lowest`, `lowest` + 1, … bpm. `peak`: the highest rate that was held for a minute.
    """

    pk = models.CompositePrimaryKey("user_key", "day")
    user_key = models.BigIntegerField()
    day = models.DateField()
    lowest = models.SmallIntegerField()
    times = ArrayField(models.IntegerField())
    peak = models.SmallIntegerField()

    class Meta:
        db_table = "healthdata_heartday"

    def __str__(self) -> str:
        return f"heart rates of {self.day}"

    @property
    def time_at(self) -> dict[int, float]:
        """Rate (bpm) → time (ms)."""
        return {self.lowest + place: float(ms) for place, ms in enumerate(self.times) if ms}


class DueDay(models.Model):
    """A local day of which something is to be computed again. The row is the queue: computing deletes it.

    `marks` grows with every mark, so that a mark that comes during the computing is not lost with the row.
    """

    class Kind(models.IntegerChoices):
        FIGURES = 1
        SCORES = 2
        ZONE = 3  # everything from the day on follows another time zone
        LEARN = 4  # something was stated of the clock that is not what is thought of it
        REGROUP = 5  # which recordings count for a night or a workout, since the beginning

    pk = models.CompositePrimaryKey("user_key", "kind", "day")
    user_key = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=Kind.choices)
    day = models.DateField()
    marks = models.IntegerField(default=1)
    causes = models.TextField(default="", db_default="")  # space-separated: batch:<id>, zone, sources, retraction, …
    since = models.DateTimeField()

    class Meta:
        db_table = "healthdata_dueday"
        indexes: ClassVar = [models.Index(fields=["since"], name="due_by_age")]

    def __str__(self) -> str:
        return f"{self.day} of end user {self.user_key}"
