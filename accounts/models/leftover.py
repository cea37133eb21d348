"""Leftover: something of an erased end user that lies outside the database and is still to be removed there."""

from typing import ClassVar

from django.db import models

from wearlink.lib import clock


class Leftover(models.Model):
    """Written in the erasing transaction and deleted once its holder has confirmed that it is deleted.

    kind names who removes it (leftovers.REMOVERS); `name` is what the holder knows it by, never anything about the
    end user. user_id is the erased end user's public id, so that a second call can get its progress.
    """

    key = models.BigAutoField(primary_key=True)
    organization_id = models.UUIDField()
    user_id = models.UUIDField()
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=300)
    attempts = models.IntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="leftover_due"),
            models.Index(fields=["organization_id", "user_id"], name="leftover_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
