"""Sums of months, and an index over everybody's days."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_plan_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="MonthlyUsage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("month", models.DateField(help_text="its first day")),
                ("metric", models.CharField(max_length=64)),
                ("total", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.AddIndex(
            model_name="dailyusage",
            index=models.Index(fields=["metric", "date"], name="accounts_dailyusage_all"),
        ),
        migrations.AddField(
            model_name="monthlyusage",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddIndex(
            model_name="monthlyusage",
            index=models.Index(fields=["metric", "month"], name="accounts_monthlyusage_all"),
        ),
        migrations.AddConstraint(
            model_name="monthlyusage",
            constraint=models.UniqueConstraint(
                fields=("organization", "metric", "month"), name="accounts_monthlyusage_month"
            ),
        ),
    ]
