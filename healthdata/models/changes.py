"""The change feed: what was inserted, updated and deleted, for customers that keep a copy."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class DataChange(models.Model):
    """One change of one kind of data, on one range of local days, by one store call.

    `position` is the row's place in the feed of its organization. It is given after the commit, by the first who reads
    (healthdata.queries.feed), so that the places follow the order in which changes became visible.
    """

    class Action(models.TextChoices):
        INSERTED = "inserted"
        UPDATED = "updated"
        DELETED = "deleted"

    id = models.BigAutoField(primary_key=True)
    organization_id = models.UUIDField()
    user_key = models.BigIntegerField()
    position = models.BigIntegerField(null=True)
    action = models.CharField(max_length=8, choices=Action.choices)
    data_type = models.CharField(max_length=64)  # a series, or workout, sleep, health_score
    provider = models.CharField(max_length=32)
    resource = models.UUIDField(null=True)  # id of the workout, session or score
    first = models.DateField()
    last = models.DateField()
    count = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organization_id", "id"], name="change_unplaced", condition=Q(position=None)),
            models.Index(fields=["organization_id", "position"], name="change_by_place"),
            models.Index(fields=["user_key", "position"], name="change_of_user"),
            models.Index(fields=["at"], name="change_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.data_type} {self.action} on {self.first}"
