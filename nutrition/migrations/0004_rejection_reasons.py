"""The reason why a reviewer rejected a meal."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """nutrition_mealreview.rejection_reason."""

    dependencies = [("nutrition", "0003_meals")]

    operations = [
        migrations.AddField(
            model_name="mealreview",
            name="rejection_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("no_food", "No food in it"),
                    ("unreadable", "Photo cannot be read"),
                    ("duplicate", "The same meal again"),
                    ("private", "Shows people or papers"),
                    ("other", "Another reason"),
                ],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
    ]
