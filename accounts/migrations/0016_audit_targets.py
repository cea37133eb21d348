"""An index of audit entries by their target: pages show a thing's entries beside it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """accounts_auditentry_target."""

    dependencies = [("accounts", "0015_second_factor")]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={"ordering": ("id",), "verbose_name_plural": "audit entries"},
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["target_id", "id"], name="accounts_auditentry_target"),
        ),
    ]
