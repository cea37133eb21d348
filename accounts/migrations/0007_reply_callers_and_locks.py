"""Replies belong to one caller; a lock knows whether an administrator made it.

Replies kept so far may hold secrets and are not bound to a caller, so they go.
"""

from django.db import migrations, models

import wearlink.lib.security.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_months_of_usage"),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM accounts_idempotentreply", migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="idempotentreply", name="accounts_idempotentreply_key"),
        migrations.AddField(
            model_name="idempotentreply",
            name="caller",
            field=models.CharField(default="", help_text="kind and id of who asked", max_length=96),
        ),
        migrations.AlterField(
            model_name="idempotentreply",
            name="body",
            field=wearlink.lib.security.fields.EncryptedField(default="", help_text="JSON, without secrets"),
        ),
        migrations.AddConstraint(
            model_name="idempotentreply",
            constraint=models.UniqueConstraint(
                fields=("organization", "caller", "key"), name="accounts_idempotentreply_key"
            ),
        ),
        migrations.AddField(
            model_name="developer",
            name="locked_by_admin",
            field=models.BooleanField(default=False, help_text="else by failed sign-ins, which end no sessions"),
        ),
    ]
