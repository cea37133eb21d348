import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("healthdata", "0002_day_figures"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="is_hidden",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="source",
            name="label",
            field=models.CharField(db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="source",
            name="merged_into",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="uid",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
    ]
