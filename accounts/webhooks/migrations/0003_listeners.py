from django.db import migrations, models


class Migration(migrations.Migration):
    """Endpoints without an address, which a developer's command line fetches for."""

    dependencies = [("webhooks", "0002_deferred_bodies_unpacked")]
    operations = [
        migrations.AddField("endpoint", "listener", models.BooleanField(db_default=False, default=False)),
        migrations.AddField(
            "endpoint",
            "polled_at",
            models.DateTimeField(blank=True, help_text="when somebody last fetched for this listener", null=True),
        ),
        migrations.AddIndex(
            "endpoint",
            models.Index(
                condition=models.Q(("deleted_at", None), ("listener", True)),
                fields=["polled_at"],
                name="webhooks_listener",
            ),
        ),
    ]
