"""Statements about an end user's clock, and the rebuilds that another time zone asked for."""

import uuid
from typing import ClassVar

from django.db import models


class ZoneStatement(models.Model):
    """A phone's statement about its own clock on a UTC day; rows state their own zones themselves."""

    id = models.BigAutoField(primary_key=True)
    user_key = models.BigIntegerField()
    at_ms = models.BigIntegerField()  # of the day's first such statement
    day = models.DateField()
    offset = models.SmallIntegerField()  # minutes east of UTC
    name = models.CharField(max_length=64, default="", db_default="")  # IANA, where it was given

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_key", "day", "offset", "name"], name="zone_stated_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.offset} on {self.day}"


class ZoneChange(models.Model):
    """One rebuild: from `valid_from` (ms) on days follow another zone. The counts are those of its end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_key = models.BigIntegerField()
    zone = models.CharField(max_length=64)
    valid_from = models.BigIntegerField()
    is_learned = models.BooleanField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    days = models.IntegerField(default=0)  # on which a figure changed
    workouts = models.IntegerField(default=0)  # that belong to another day now
    sleep_sessions = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user_key", "-created_at"], name="zone_change_by_age")]

    def __str__(self) -> str:
        return f"{self.zone} from {self.valid_from}"
