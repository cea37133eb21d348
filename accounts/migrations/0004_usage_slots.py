"""Rows a day that writers are spread over, so that they do not wait for each other."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_list_orders"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="dailyusage",
            name="accounts_dailyusage_day",
        ),
        migrations.AddField(
            model_name="dailyusage",
            name="slot",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="dailyusage",
            constraint=models.UniqueConstraint(
                fields=("organization", "metric", "date", "slot"), name="accounts_dailyusage_day"
            ),
        ),
    ]
