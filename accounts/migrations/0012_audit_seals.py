"""Every entry of the audit trail gets a seal; those there are get it from this installation's key now."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import accounts.models.audit
from accounts.audit_trail import seals

APPEND_ONLY = """
CREATE TRIGGER accounts_audit_seal_no_change BEFORE UPDATE OR DELETE ON accounts_auditseal
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_refuse();
ALTER TABLE accounts_auditseal ENABLE ALWAYS TRIGGER accounts_audit_seal_no_change;
"""


def seal_all(apps: Any, schema_editor: Any) -> None:
    """Seals what nobody has sealed yet."""
    seal_model, name = apps.get_model("accounts", "AuditSeal"), next(iter(seals.keys()))
    rows = apps.get_model("accounts", "AuditEntry").objects.order_by("pk").values_list("pk", "hash")
    made = [seal_model(entry_id=pk, key_name=name, seal=seals.digest(bytes(hashed))) for pk, hashed in rows.iterator()]
    seal_model.objects.bulk_create(made, batch_size=5_000)


class Migration(migrations.Migration):
    """accounts_auditseal."""

    dependencies = [("accounts", "0011_erasures")]

    operations = [
        migrations.AlterField("auditentry", "hash", accounts.models.audit.DatabaseMade(default=b"")),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="seal",
                        serialize=False,
                        to="accounts.auditentry",
                    ),
                ),
                ("key_name", models.CharField(max_length=8)),
                ("seal", models.BinaryField()),
            ],
        ),
        migrations.RunPython(seal_all, migrations.RunPython.noop),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
    ]
