"""Second factors with encrypted secrets, in place of django-otp's own tables."""

import base64
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.models.second_factor
import wearlink.lib.security.fields
from accounts.models.second_factor import recovery_digest

OLD = ("otp_static_statictoken", "otp_static_staticdevice", "otp_totp_totpdevice")
SECRETS = "SELECT user_id, key FROM otp_totp_totpdevice WHERE confirmed ORDER BY id"
CODES = """
    SELECT token.token FROM otp_static_statictoken token
    JOIN otp_static_staticdevice device ON device.id = token.device_id WHERE device.user_id = %s
"""


def move(apps: Any, schema_editor: Any) -> None:
    """What was set up goes on working; the tables with plain secrets go."""
    model, connection = apps.get_model("accounts", "SecondFactorDevice"), schema_editor.connection
    with connection.cursor() as cursor:
        if not set(OLD) <= set(connection.introspection.table_names(cursor)):
            return
        cursor.execute(SECRETS)
        secrets = {user_id: bytes.fromhex(key) for user_id, key in cursor.fetchall()}
        for user_id, secret in secrets.items():
            cursor.execute(CODES, [user_id])
            digests = [recovery_digest(token) for (token,) in cursor.fetchall()]
            text = base64.b32encode(secret).decode()
            model.objects.create(user_id=user_id, secret=text, confirmed=True, recovery_digests=digests)
        for table in OLD:
            cursor.execute(f"DROP TABLE {table}")
        cursor.execute("DELETE FROM django_migrations WHERE app IN ('otp_static', 'otp_totp')")


class Migration(migrations.Migration):
    """accounts_secondfactordevice."""

    dependencies = [("accounts", "0014_sdk_token_versions")]

    operations = [
        migrations.CreateModel(
            name="SecondFactorDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "throttling_failure_timestamp",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="A timestamp of the last failed verification attempt. Null if last attempt "
                        "succeeded.",
                        null=True,
                    ),
                ),
                (
                    "throttling_failure_count",
                    models.PositiveIntegerField(default=0, help_text="Number of successive failed attempts."),
                ),
                ("name", models.CharField(default="Authenticator", max_length=64)),
                ("confirmed", models.BooleanField(default=False)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "secret",
                    wearlink.lib.security.fields.EncryptedField(default=accounts.models.second_factor.new_secret),
                ),
                (
                    "last_step",
                    models.BigIntegerField(default=-1, help_text="of the last code that was taken; none works twice"),
                ),
                ("recovery_digests", models.JSONField(blank=True, default=list)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_factor",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
