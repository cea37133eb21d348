"""Limits of end users, endpoints and seats in plans."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_usage_slots"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="max_end_users",
            field=models.PositiveIntegerField(blank=True, default=10000, null=True),
        ),
        migrations.AddField(
            model_name="organization",
            name="max_team_seats",
            field=models.PositiveIntegerField(blank=True, default=10, null=True),
        ),
        migrations.AddField(
            model_name="organization",
            name="max_webhook_endpoints",
            field=models.PositiveIntegerField(blank=True, default=50, null=True),
        ),
    ]
