"""The orders in which end users are listed, each from an index."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_chain"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="enduser",
            index=models.Index(
                models.F("organization"),
                django.db.models.functions.text.Lower("first_name"),
                models.F("key"),
                name="accounts_enduser_first_name",
            ),
        ),
        migrations.AddIndex(
            model_name="enduser",
            index=models.Index(
                models.F("organization"),
                django.db.models.functions.text.Lower("last_name"),
                models.F("key"),
                name="accounts_enduser_last_name",
            ),
        ),
        migrations.AddIndex(
            model_name="enduser",
            index=models.Index(
                models.F("organization"),
                django.db.models.functions.text.Lower("email"),
                models.F("key"),
                name="accounts_enduser_by_email",
            ),
        ),
        migrations.AddIndex(
            model_name="enduser",
            index=models.Index(
                models.F("organization"), models.F("external_id"), models.F("key"), name="accounts_enduser_by_external"
            ),
        ),
    ]
