"""Files that are awaited by a signed link."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0008_payload_started"),
    ]

    operations = [
        migrations.AddField(
            model_name="importjob",
            name="announced_size",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="importjob",
            name="object_version",
            field=models.CharField(db_default="", default="", max_length=128),
        ),
        migrations.AddField(
            model_name="importjob",
            name="upload_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="importjob",
            name="state",
            field=models.CharField(
                choices=[
                    ("awaiting_upload", "Awaiting Upload"),
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
        migrations.AddIndex(
            model_name="importjob",
            index=models.Index(
                condition=models.Q(("state", "awaiting_upload")), fields=["due_at"], name="import_awaited"
            ),
        ),
    ]
