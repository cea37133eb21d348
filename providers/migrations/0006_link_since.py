"""States know how old the connect link is that they were begun from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0005_import_ranges"),
    ]

    operations = [
        migrations.AddField(
            model_name="oauthstate",
            name="link_since",
            field=models.DateTimeField(null=True),
        ),
    ]
