"""Imports of whole files."""

import uuid

from django.db import migrations, models

import wearlink.lib.clock


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0001_payload"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportJob",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("job_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("user_key", models.BigIntegerField()),
                ("organization_id", models.UUIDField()),
                ("provider", models.CharField(max_length=32)),
                ("kind", models.CharField(max_length=32)),
                ("object_key", models.CharField(db_default="", default="", max_length=200)),
                ("size", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("processing", "Processing"),
                            ("done", "Done"),
                            ("completed_with_errors", "Completed With Errors"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=24,
                    ),
                ),
                ("attempts", models.SmallIntegerField(default=0)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("locked_until", models.DateTimeField(editable=False, null=True)),
                ("due_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("created_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("active_seconds", models.FloatField(default=0)),
                ("checked", models.BooleanField(default=False)),
                ("bytes_read", models.BigIntegerField(default=0)),
                ("bytes_total", models.BigIntegerField(null=True)),
                ("elements", models.BigIntegerField(default=0)),
                ("inserted", models.BigIntegerField(default=0)),
                ("updated", models.BigIntegerField(default=0)),
                ("unchanged", models.BigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("rejected", models.JSONField(default=dict)),
                ("reject_samples", models.JSONField(default=list)),
                ("warnings", models.JSONField(default=list)),
                ("error_code", models.CharField(db_default="", default="", max_length=64)),
                ("error", models.TextField(db_default="", default="")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user_key", "id"], name="import_of_user"),
                    models.Index(
                        condition=models.Q(("state__in", ("queued", "processing"))),
                        fields=["due_at"],
                        name="import_due",
                    ),
                    models.Index(
                        condition=models.Q(("object_key", ""), _negated=True),
                        fields=["finished_at"],
                        name="import_kept",
                    ),
                ],
            },
        ),
    ]
