"""A column for subscriptions whose answer from Razorpay was lost."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_first_plans"),
    ]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="answer_lost",
            field=models.BooleanField(default=False),
        ),
    ]
