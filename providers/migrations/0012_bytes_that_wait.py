"""An index by which an organization's waiting bytes are summed up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0011_connections_of_an_organization"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payload",
            index=models.Index(
                condition=models.Q(("state__in", ("received", "processing"))),
                fields=["organization_id"],
                include=("size",),
                name="payload_waiting",
            ),
        ),
    ]
