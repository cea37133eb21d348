"""Sources, streams, samples, daily values, workouts, sleep and scores."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# Laid out by hand: eight-byte columns first, so that no row carries padding.
CREATE_CHUNKS = """
CREATE TABLE healthdata_samplechunk (
    user_key bigint NOT NULL,
    lo double precision NOT NULL,
    hi double precision NOT NULL,
    total double precision NOT NULL,
    final double precision NOT NULL,
    minutes bigint,
    stream_id integer NOT NULL,
    hour integer NOT NULL,
    n integer NOT NULL,
    day integer NOT NULL,
    zone smallint,
    offsets integer[] NOT NULL,
    vals double precision[] NOT NULL,
    durations integer[],
    zones smallint[],
    parts double precision[],
    PRIMARY KEY (user_key, stream_id, hour)
)
"""
DROP_CHUNKS = "DROP TABLE healthdata_samplechunk"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Origin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_key", models.BigIntegerField()),
                ("provider", models.CharField(max_length=32)),
                ("external_id", models.CharField(max_length=200)),
                ("kind", models.SmallIntegerField(choices=[(1, "Sample"), (2, "Daily"), (3, "Stage")])),
                ("target", models.IntegerField()),
                ("start_ms", models.BigIntegerField()),
                ("end_ms", models.BigIntegerField()),
                ("value", models.FloatField(null=True)),
                ("stage", models.CharField(db_default="", default="", max_length=16)),
                ("version", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user_key", "provider", "external_id", "kind", "target"), name="origin_once_per_target"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("user_key", models.BigIntegerField()),
                ("provider", models.CharField(max_length=32)),
                ("key", models.CharField(max_length=200)),
                ("model", models.CharField(db_default="", default="", max_length=200)),
                ("name", models.CharField(db_default="", default="", max_length=200)),
                ("device_type", models.CharField(db_default="", default="", max_length=32)),
                ("manufacturer", models.CharField(db_default="", default="", max_length=100)),
                (
                    "apps",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user_key", "provider", "key"), name="source_once_per_user")
                ],
            },
        ),
        migrations.CreateModel(
            name="SleepStage",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_key",
                        "source_id",
                        "start_ms",
                        "end_ms",
                        "stage",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("user_key", models.BigIntegerField()),
                ("start_ms", models.BigIntegerField()),
                ("end_ms", models.BigIntegerField()),
                ("stage", models.CharField(max_length=16)),
                ("zone", models.SmallIntegerField(null=True)),
                ("nap", models.BooleanField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="healthdata.source",
                    ),
                ),
            ],
            options={
                "db_table": "healthdata_sleepstage",
            },
        ),
        migrations.CreateModel(
            name="Stream",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("user_key", models.BigIntegerField()),
                ("series", models.CharField(max_length=64)),
                ("grain", models.SmallIntegerField(choices=[(1, "Sample"), (2, "Interval"), (3, "Daily")])),
                ("span", models.SmallIntegerField(default=24)),
                ("key48", models.BigIntegerField()),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="healthdata.source",
                    ),
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE_CHUNKS, DROP_CHUNKS)],
            state_operations=[
                migrations.CreateModel(
                    name="SampleChunk",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "user_key",
                                "stream_id",
                                "hour",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("user_key", models.BigIntegerField()),
                        ("hour", models.IntegerField()),
                        ("n", models.IntegerField()),
                        ("day", models.IntegerField()),
                        ("zone", models.SmallIntegerField(null=True)),
                        ("lo", models.FloatField()),
                        ("hi", models.FloatField()),
                        ("total", models.FloatField()),
                        ("final", models.FloatField()),
                        ("minutes", models.BigIntegerField(null=True)),
                        (
                            "offsets",
                            django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
                        ),
                        ("vals", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                        (
                            "durations",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), null=True, size=None
                            ),
                        ),
                        (
                            "zones",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.SmallIntegerField(), null=True, size=None
                            ),
                        ),
                        (
                            "parts",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.FloatField(), null=True, size=None
                            ),
                        ),
                        (
                            "stream",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="healthdata.stream",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "healthdata_samplechunk",
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="DailyValue",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_key", "stream_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("user_key", models.BigIntegerField()),
                ("day", models.DateField()),
                ("value", models.FloatField()),
                ("zone", models.SmallIntegerField(null=True)),
                ("version", models.BigIntegerField(null=True)),
                (
                    "stream",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="healthdata.stream",
                    ),
                ),
            ],
            options={
                "db_table": "healthdata_dailyvalue",
            },
        ),
        migrations.CreateModel(
            name="Workout",
            fields=[
                ("key", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("user_key", models.BigIntegerField()),
                ("external_id", models.CharField(max_length=200, null=True)),
                ("version", models.BigIntegerField(null=True)),
                ("type", models.CharField(max_length=64)),
                ("original_type", models.CharField(db_default="", default="", max_length=100)),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("zone", models.SmallIntegerField(null=True)),
                ("day", models.DateField()),
                ("title", models.TextField(db_default="", default="")),
                ("notes", models.TextField(db_default="", default="")),
                ("duration_seconds", models.FloatField(null=True)),
                ("distance_meters", models.FloatField(null=True)),
                ("calories_kcal", models.FloatField(null=True)),
                ("basal_calories_kcal", models.FloatField(null=True)),
                ("avg_heart_rate_bpm", models.FloatField(null=True)),
                ("max_heart_rate_bpm", models.FloatField(null=True)),
                ("min_heart_rate_bpm", models.FloatField(null=True)),
                ("elevation_gain_meters", models.FloatField(null=True)),
                ("elevation_loss_meters", models.FloatField(null=True)),
                ("avg_speed_mps", models.FloatField(null=True)),
                ("max_speed_mps", models.FloatField(null=True)),
                ("average_power_watts", models.FloatField(null=True)),
                ("details", models.JSONField(default=dict)),
                ("segments", models.JSONField(default=list)),
                ("laps", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="healthdata.source",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SleepSession",
            fields=[
                ("key", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("user_key", models.BigIntegerField()),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("zone", models.SmallIntegerField(null=True)),
                ("day", models.DateField()),
                ("is_nap", models.BooleanField()),
                ("duration_seconds", models.IntegerField()),
                ("sleep_seconds", models.IntegerField(null=True)),
                ("in_bed_seconds", models.IntegerField(null=True)),
                ("awake_seconds", models.IntegerField(null=True)),
                ("light_seconds", models.IntegerField(null=True)),
                ("deep_seconds", models.IntegerField(null=True)),
                ("rem_seconds", models.IntegerField(null=True)),
                ("unstaged_seconds", models.IntegerField(null=True)),
                ("efficiency_percent", models.FloatField(null=True)),
                ("awakenings", models.IntegerField(null=True)),
                ("latency_seconds", models.IntegerField(null=True)),
                ("waso_seconds", models.IntegerField(null=True)),
                ("avg_heart_rate_bpm", models.FloatField(null=True)),
                ("avg_hrv_sdnn_ms", models.FloatField(null=True)),
                ("avg_hrv_rmssd_ms", models.FloatField(null=True)),
                ("avg_respiratory_rate", models.FloatField(null=True)),
                ("avg_spo2_percent", models.FloatField(null=True)),
                ("stages", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="healthdata.source",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user_key", "day", "start", "key"], name="sleep_by_day"),
                    models.Index(fields=["user_key", "source", "start"], name="sleep_by_source"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HealthScore",
            fields=[
                ("key", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("user_key", models.BigIntegerField()),
                ("provider", models.CharField(max_length=32)),
                ("category", models.CharField(max_length=32)),
                ("day", models.DateField()),
                ("score", models.FloatField()),
                ("range_min", models.FloatField()),
                ("range_max", models.FloatField()),
                ("zone", models.SmallIntegerField(null=True)),
                ("external_id", models.CharField(db_default="", default="", max_length=200)),
                ("version", models.BigIntegerField(null=True)),
                ("algorithm", models.CharField(db_default="", default="", max_length=64)),
                ("algorithm_version", models.CharField(db_default="", default="", max_length=16)),
                ("confidence", models.FloatField(null=True)),
                ("components", models.JSONField(default=dict)),
                ("missing", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="healthdata.source",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user_key", "day", "key"], name="score_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user_key", "provider", "category", "day", "external_id"), name="score_once_per_day"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="stream",
            constraint=models.UniqueConstraint(
                fields=("user_key", "source", "series", "grain"), name="stream_once_per_source"
            ),
        ),
        migrations.AddIndex(
            model_name="workout",
            index=models.Index(fields=["user_key", "start", "key"], name="workout_by_start"),
        ),
        migrations.AddIndex(
            model_name="workout",
            index=models.Index(fields=["user_key", "day", "start", "key"], name="workout_by_day"),
        ),
        migrations.AddConstraint(
            model_name="workout",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id__isnull", False)),
                fields=("user_key", "source", "external_id"),
                name="workout_once_per_external_id",
            ),
        ),
    ]
