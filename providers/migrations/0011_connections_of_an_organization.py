"""An index for the states of one organization's connections, which its portal shows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0010_backfills")]

    operations = [
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["organization_id", "status"], name="connection_of_organization"),
        ),
    ]
