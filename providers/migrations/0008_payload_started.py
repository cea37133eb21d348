"""The time at which work on a payload last began, which every job shows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0007_unproven_pushes")]

    operations = [
        migrations.AddField("payload", "started_at", models.DateTimeField(null=True)),
    ]
