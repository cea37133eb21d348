from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_reply_callers_and_locks"),
    ]

    operations = [
        migrations.AddField(
            model_name="enduser",
            name="zone_known",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
