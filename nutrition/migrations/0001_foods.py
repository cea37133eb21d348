"""Foods, their names, and a trigram index for the names of each tier."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0001_tenants")]  # which creates the extension pg_trgm

    operations = [
        migrations.CreateModel(
            name="Food",
            fields=[
                ("id", models.CharField(max_length=120, primary_key=True, serialize=False)),
                (
                    "tier",
                    models.CharField(
                        choices=[("in_curated", "Indian and South-Asian dishes"), ("usda", "USDA FoodData Central")],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=160)),
                ("category", models.CharField(max_length=80)),
                ("calories_kcal", models.FloatField(null=True)),
                ("protein_g", models.FloatField(null=True)),
                ("carbs_g", models.FloatField(null=True)),
                ("fat_g", models.FloatField(null=True)),
                ("fiber_g", models.FloatField(null=True)),
                ("sugar_g", models.FloatField(null=True)),
                ("sodium_mg", models.FloatField(null=True)),
                ("portions", models.JSONField(default=list)),
                (
                    "quality",
                    models.CharField(
                        choices=[
                            ("analysed", "Measured in a laboratory"),
                            ("as_eaten", "USDA's figures for the dish as it is eaten"),
                            ("recipe", "Computed from a recipe of its own"),
                            ("estimate", "Computed from a recipe for dishes of its kind"),
                            ("name_only", "Known by name; no macros"),
                        ],
                        max_length=10,
                    ),
                ),
                ("source", models.CharField(max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="FoodAlias",
            fields=[
                ("norm", models.CharField(max_length=160, primary_key=True, serialize=False)),
                (
                    "tier",
                    models.CharField(
                        choices=[("in_curated", "Indian and South-Asian dishes"), ("usda", "USDA FoodData Central")],
                        max_length=10,
                    ),
                ),
                (
                    "food",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="nutrition.food"
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("tier", "in_curated")),
                        fields=["norm"],
                        name="food_alias_curated",
                        opclasses=["gin_trgm_ops"],
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("tier", "usda")),
                        fields=["norm"],
                        name="food_alias_usda",
                        opclasses=["gin_trgm_ops"],
                    ),
                ],
            },
        ),
    ]
