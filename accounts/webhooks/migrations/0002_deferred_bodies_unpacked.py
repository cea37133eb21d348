from django.db import migrations


class Migration(migrations.Migration):
    """Deferred bodies live for a moment and hardly shrink: packing them would cost more than all else that writes them."""

    dependencies = [("webhooks", "0001_webhooks")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE webhooks_message ALTER COLUMN deferred_body SET STORAGE EXTERNAL",
            "ALTER TABLE webhooks_message ALTER COLUMN deferred_body SET STORAGE EXTENDED",
        ),
    ]
