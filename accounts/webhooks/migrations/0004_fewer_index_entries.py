from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    """A message whose emitter gave it no name has none, and its age needs no entry of its own in an index."""

    dependencies = [("webhooks", "0003_listeners")]
    operations = [
        migrations.RemoveConstraint("message", "webhooks_message_once"),
        migrations.AlterField(
            "message",
            "event_id",
            models.CharField(
                blank=True,
                help_text="the emitter's own name of the event, unique per tenant",
                max_length=256,
                null=True,
            ),
        ),
        migrations.RunSQL(
            "UPDATE webhooks_message SET event_id = NULL WHERE event_id = id",
            "UPDATE webhooks_message SET event_id = id WHERE event_id IS NULL",
        ),
        migrations.AddConstraint(
            "message",
            models.UniqueConstraint(
                condition=models.Q(("event_id__isnull", False)),
                fields=("organization", "event_id"),
                name="webhooks_message_once",
            ),
        ),
        migrations.RemoveIndex("message", "webhooks_message_age"),
        migrations.AddIndex("message", BrinIndex(fields=["created_at"], name="webhooks_message_age")),
    ]
