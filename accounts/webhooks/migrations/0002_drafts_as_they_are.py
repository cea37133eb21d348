from django.db import migrations


class Migration(migrations.Migration):
    """Drafts live for a moment and hardly shrink: packing them would cost more than all else that writes them."""

    dependencies = [("webhooks", "0001_webhooks")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE webhooks_message ALTER COLUMN draft SET STORAGE EXTERNAL",
            "ALTER TABLE webhooks_message ALTER COLUMN draft SET STORAGE EXTENDED",
        ),
    ]
