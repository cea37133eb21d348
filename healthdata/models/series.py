"""Sources, streams and the values in them. Every table carries user_key, so that all can be distributed by it."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

HOUR_MS = 3_600_000
HOUR, DAY = 1, 24  # the two chunk lengths, in hours


class Source(models.Model):
    """One device (or app) of one end user, as one provider knows it."""

    id = models.AutoField(primary_key=True)
    user_key = models.BigIntegerField()
    provider = models.CharField(max_length=32)
    key = models.CharField(max_length=200)
    model = models.CharField(max_length=200, default="", db_default="")
    name = models.CharField(max_length=200, default="", db_default="")
    device_type = models.CharField(max_length=32, default="", db_default="")
    manufacturer = models.CharField(max_length=100, default="", db_default="")
    apps = ArrayField(models.CharField(max_length=200), default=list)  # the writers seen, apart from the identity
    created_at = models.DateTimeField(auto_now_add=True)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)  # the public id
    # Settings by a customer; the data stay as they are, so all of it can be undone.
    label = models.CharField(max_length=200, default="", db_default="")
    is_hidden = models.BooleanField(default=False, db_default=False)
    merged_into = models.IntegerField(null=True)  # id of the source that its data count as

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_key", "provider", "key"], name="source_once_per_user"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.device}"

    @property
    def device(self) -> str | None:
        """The source's name for people: its own name, else its model, else the app that wrote for it."""
        return self.label or self.name or self.model or (self.apps[0] if self.apps else None)


class Stream(models.Model):
    """One series of one source at one grain. Its samples lie in chunks of `span` hours."""

    class Grain(models.IntegerChoices):
        SAMPLE = 1
        INTERVAL = 2
        DAILY = 3

    id = models.AutoField(primary_key=True)
    user_key = models.BigIntegerField()
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    series = models.CharField(max_length=64)
    grain = models.SmallIntegerField(choices=Grain.choices)
    span = models.SmallIntegerField(default=DAY)  # hours a chunk covers: 1 where samples are dense, else 24
    key48 = models.BigIntegerField()  # the stream's part of its samples' ids: 48 bits, the same for ever

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_key", "source", "series", "grain"], name="stream_once_per_source"),
        ]

    def __str__(self) -> str:
        return f"{self.series} of source {self.source_id}"


class SampleChunk(models.Model):
    """The samples of one stream that start within [hour, hour + span), as arrays sorted by offset.

    offsets: ms from the chunk's start; vals: canonical unit; durations: ms, null where all are instants.
    n, lo, hi, total and final describe vals, so that counts and rollups need not unpack it; so does
    `minutes` for counts of buckets. zone: minutes
    east of UTC as its rows stated, null where none did; where they differ, `zones` has one for each.
    day and parts: which local days the rows belong to (healthdata.store.series.parts).
    """

    pk = models.CompositePrimaryKey("user_key", "stream_id", "hour")
    user_key = models.BigIntegerField()
    stream = models.ForeignKey(Stream, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    hour = models.IntegerField()  # hours since the epoch at the chunk's start
    n = models.IntegerField()
    day = models.IntegerField()
    zone = models.SmallIntegerField(null=True)
    lo = models.FloatField()
    hi = models.FloatField()
    total = models.FloatField()
    final = models.FloatField()
    minutes = models.BigIntegerField(null=True)  # of an hour's chunk: bit m is set where minute m has a sample
    offsets = ArrayField(models.IntegerField())
    vals = ArrayField(models.FloatField())
    durations = ArrayField(models.IntegerField(), null=True)
    zones = ArrayField(models.SmallIntegerField(), null=True)  # one a row where they differ (travel, DST); else null
    parts = ArrayField(models.FloatField(), null=True)

    class Meta:
        db_table = "healthdata_samplechunk"

    def __str__(self) -> str:
        return f"{self.n} samples of stream {self.stream_id} from hour {self.hour}"


class DailyValue(models.Model):
    """A vendor's own figure for a local date."""

    pk = models.CompositePrimaryKey("user_key", "stream_id", "day")
    user_key = models.BigIntegerField()
    stream = models.ForeignKey(Stream, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    day = models.DateField()
    value = models.FloatField()
    zone = models.SmallIntegerField(null=True)
    version = models.BigIntegerField(null=True)

    class Meta:
        db_table = "healthdata_dailyvalue"

    def __str__(self) -> str:
        return f"stream {self.stream_id} on {self.day}"


class Origin(models.Model):
    """The place of a record that its vendor may edit or delete by id.

    A record gives one row; a document that made several, one row for each stream. `target` is a stream's id
    for samples and daily values and a source's id for stages.

    It is also a claim: what it points at may be claimed by other documents, and goes with the last of them. So it
    keeps what its document said, to be put back when a later one is taken away.
    """

    class Kind(models.IntegerChoices):
        SAMPLE = 1
        DAILY = 2
        STAGE = 3

    user_key = models.BigIntegerField()
    provider = models.CharField(max_length=32)
    external_id = models.CharField(max_length=200)
    kind = models.SmallIntegerField(choices=Kind.choices)
    target = models.IntegerField()
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    value = models.FloatField(null=True)  # null for documents of several samples
    rows = models.BinaryField(null=True)  # of these documents: instants and values (healthdata.store.series.claims)
    stage = models.CharField(max_length=16, default="", db_default="")
    version = models.BigIntegerField(null=True)
    zone = models.SmallIntegerField(null=True)
    rank = models.BigIntegerField(default=0, db_default=0)  # of several figures of a day the highest counts
    turn = models.BigIntegerField(default=0, db_default=0)  # of equal ranks the last one received counts

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user_key", "provider", "external_id", "kind", "target"], name="origin_once_per_target"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user_key", "kind", "target", "start_ms"], name="origin_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.external_id}"
