"""Large imports tell ranges instead of samples."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0004_payload_of_run")]

    operations = [
        migrations.AddField("importjob", "large", models.BooleanField(default=False, db_default=False)),
        migrations.AddField("importjob", "ranges", models.JSONField(default=dict, db_default={})),
    ]
