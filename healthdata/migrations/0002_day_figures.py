import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("healthdata", "0001_domain"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayFigure",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_key", "day", "metric", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("user_key", models.BigIntegerField()),
                ("day", models.DateField()),
                ("metric", models.CharField(max_length=32)),
                ("value", models.FloatField()),
                ("sources", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("kept", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ("coverage_minutes", models.SmallIntegerField(null=True)),
                ("is_partial", models.BooleanField()),
                ("rules", models.BigIntegerField()),
                ("revision", models.IntegerField(default=1)),
                ("revised_at", models.DateTimeField()),
            ],
            options={
                "db_table": "healthdata_dayfigure",
            },
        ),
        migrations.CreateModel(
            name="DayRevision",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user_key", models.BigIntegerField()),
                ("day", models.DateField()),
                ("metric", models.CharField(max_length=32)),
                ("revision", models.IntegerField()),
                ("old_value", models.FloatField(null=True)),
                ("new_value", models.FloatField(null=True)),
                ("causes", models.TextField(db_default="", default="")),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["user_key", "day", "metric", "revision"], name="revision_by_day")],
            },
        ),
        migrations.CreateModel(
            name="DueDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_key", "kind", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("user_key", models.BigIntegerField()),
                ("kind", models.SmallIntegerField(choices=[(1, "Figures"), (2, "Scores")])),
                ("day", models.DateField()),
                ("marks", models.IntegerField(default=1)),
                ("causes", models.TextField(db_default="", default="")),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "healthdata_dueday",
                "indexes": [models.Index(fields=["since"], name="due_by_age")],
            },
        ),
    ]
