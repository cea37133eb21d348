from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("healthdata", "0005_one_night_a_night"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dueday",
            name="kind",
            field=models.SmallIntegerField(choices=[(1, "Figures"), (2, "Scores"), (3, "Zone")]),
        ),
    ]
