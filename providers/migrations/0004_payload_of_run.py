"""Payloads may belong to a run, and may be notifications whose documents are still to be fetched."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0003_connections")]

    operations = [
        migrations.AddField(
            model_name="payload",
            name="run_key",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="payload",
            name="state",
            field=models.CharField(
                choices=[
                    ("announced", "Announced"),
                    ("received", "Received"),
                    ("processing", "Processing"),
                    ("done", "Done"),
                    ("dead", "Dead"),
                ],
                default="received",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="payload",
            index=models.Index(condition=models.Q(("state", "announced")), fields=["due_at"], name="payload_announced"),
        ),
        migrations.AddIndex(
            model_name="payload",
            index=models.Index(
                condition=models.Q(("run_key__isnull", False)), fields=["run_key"], name="payload_of_run"
            ),
        ),
    ]
