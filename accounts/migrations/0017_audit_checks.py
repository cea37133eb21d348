"""The progress of the last walk over each chain of the audit trail."""

from django.db import migrations, models

import wearlink.lib.clock


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_audit_targets"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organization_id", models.UUIDField(null=True)),
                ("sequence", models.BigIntegerField()),
                ("hash", models.BinaryField()),
                ("broken", models.BigIntegerField(null=True)),
                ("walked_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("key_name", models.CharField(max_length=8)),
                ("seal", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization_id",), name="accounts_auditcheck_once_a_chain", nulls_distinct=False
                    )
                ],
            },
        ),
    ]
