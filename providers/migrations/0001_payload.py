"""The inbox."""

import uuid

import django.contrib.postgres.indexes
from django.db import migrations, models

import wearlink.lib.clock

WAITING = models.Q(("state__in", ("received", "processing")))


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Payload",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("batch_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("user_key", models.BigIntegerField(null=True)),
                ("organization_id", models.UUIDField()),
                ("provider", models.CharField(max_length=32)),
                ("kind", models.CharField(max_length=32)),
                ("sha256", models.BinaryField(max_length=32)),
                ("size", models.IntegerField()),
                ("items", models.IntegerField(default=0)),
                ("body", models.BinaryField(null=True)),
                ("object_key", models.CharField(db_default="", default="", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("processing", "Processing"),
                            ("done", "Done"),
                            ("dead", "Dead"),
                        ],
                        default="received",
                        max_length=16,
                    ),
                ),
                ("attempts", models.SmallIntegerField(default=0)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("locked_until", models.DateTimeField(editable=False, null=True)),
                ("due_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("received_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("done_at", models.DateTimeField(null=True)),
                ("error", models.TextField(db_default="", default="")),
                ("inserted", models.IntegerField(default=0)),
                ("updated", models.IntegerField(default=0)),
                ("unchanged", models.IntegerField(default=0)),
                ("rejected", models.JSONField(default=dict)),
                ("reject_samples", models.JSONField(default=list)),
            ],
            options={
                "indexes": [
                    models.Index(condition=WAITING, fields=["user_key", "id"], name="payload_queue"),
                    models.Index(condition=WAITING, fields=["due_at"], name="payload_due"),
                    models.Index(condition=models.Q(("state", "dead")), fields=["id"], name="payload_dead"),
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["received_at"], name="payload_by_age"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user_key", "provider", "sha256"), name="payload_once_per_body")
                ],
            },
        ),
    ]
