"""Organizations, developers, keys, invitations, end users, usage and the audit trail."""

import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import wearlink.lib.clock
import wearlink.lib.security.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        TrigramExtension(),  # the end users' search index needs it
        migrations.CreateModel(
            name="Developer",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(blank=True, default="", max_length=120)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("member", "Member"),
                        ],
                        default="member",
                        max_length=16,
                    ),
                ),
                ("is_reviewer", models.BooleanField(default=False)),
                ("is_superuser", models.BooleanField(default=False)),
                ("email_verified_at", models.DateTimeField(blank=True, null=True)),
                ("failed_login_count", models.PositiveIntegerField(default=0)),
                ("locked_until", models.DateTimeField(blank=True, null=True)),
                ("token_version", models.PositiveIntegerField(default=1)),
                (
                    "created_at",
                    models.DateTimeField(default=wearlink.lib.clock.now, editable=False),
                ),
            ],
            options={
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("redirect_addresses", models.JSONField(blank=True, default=list)),
                ("settings", models.JSONField(blank=True, default=dict)),
                ("plan", models.CharField(default="hobby", max_length=32)),
                (
                    "requests_per_minute",
                    models.PositiveIntegerField(blank=True, default=6000, null=True),
                ),
                (
                    "photos_per_day",
                    models.PositiveIntegerField(blank=True, default=20, null=True),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=wearlink.lib.clock.now, editable=False),
                ),
                ("updated_at", models.DateTimeField(default=wearlink.lib.clock.now)),
            ],
            options={
                "ordering": ("created_at",),
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("member", "Member"),
                        ],
                        default="member",
                        max_length=16,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=wearlink.lib.clock.now, editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("public_id", models.CharField(max_length=8, unique=True)),
                (
                    "digest",
                    models.CharField(help_text="hex HMAC-SHA256 of the whole key", max_length=64),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "created_at",
                    models.DateTimeField(default=wearlink.lib.clock.now, editable=False),
                ),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.AddField(
            model_name="developer",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="developers",
                to="accounts.organization",
            ),
        ),
        migrations.CreateModel(
            name="UserZone",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user_key", models.BigIntegerField()),
                (
                    "valid_from",
                    models.BigIntegerField(help_text="milliseconds since the epoch, UTC"),
                ),
                ("zone", models.CharField(help_text="IANA name", max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user_key", "valid_from"), name="accounts_userzone_from")
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotentReply",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=255)),
                (
                    "fingerprint",
                    models.CharField(help_text="hex SHA-256 of method, path and body", max_length=64),
                ),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "body",
                    wearlink.lib.security.fields.EncryptedField(
                        default="", help_text="JSON; replies may hold a secret"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=wearlink.lib.clock.now, editable=False),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="accounts_reply_created")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "key"),
                        name="accounts_idempotentreply_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EndUser",
            fields=[
                ("key", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
                (
                    "external_id",
                    models.CharField(blank=True, max_length=255, null=True),
                ),
                ("first_name", models.CharField(blank=True, max_length=100, null=True)),
                ("last_name", models.CharField(blank=True, max_length=100, null=True)),
                ("email", models.EmailField(blank=True, max_length=254, null=True)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("source_priority", models.JSONField(blank=True, default=dict)),
                (
                    "created_at",
                    models.DateTimeField(default=wearlink.lib.clock.now, editable=False),
                ),
                ("updated_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                (
                    "search_text",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.text.Concat(
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("first_name"), models.Value("")
                                ),
                                models.Value(" "),
                                django.db.models.functions.comparison.Coalesce(models.F("last_name"), models.Value("")),
                                models.Value(" "),
                                django.db.models.functions.comparison.Coalesce(models.F("email"), models.Value("")),
                                models.Value(" "),
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("external_id"), models.Value("")
                                ),
                                output_field=models.TextField(),
                            )
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="end_users",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organization", "created_at", "key"],
                        name="accounts_enduser_created",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("search_text", name="gin_trgm_ops"),
                        gin_pending_list_limit=256,
                        name="accounts_enduser_search",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email__isnull", False)),
                        name="accounts_enduser_email",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("external_id__isnull", False)),
                        fields=("organization", "external_id"),
                        name="accounts_enduser_external_id",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyUsage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("date", models.DateField()),
                ("metric", models.CharField(max_length=64)),
                ("total", models.BigIntegerField(default=0)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "metric", "date"),
                        name="accounts_dailyusage_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField(default=0)),
                ("action", models.CharField(max_length=64)),
                ("actor_kind", models.CharField(max_length=16)),
                ("actor_id", models.CharField(blank=True, default="", max_length=64)),
                (
                    "target_type",
                    models.CharField(blank=True, default="", max_length=64),
                ),
                ("target_id", models.CharField(blank=True, default="", max_length=128)),
                ("data", models.JSONField(blank=True, default=dict)),
                (
                    "created_at",
                    models.DateTimeField(default=wearlink.lib.clock.now, editable=False),
                ),
                ("previous_hash", models.BinaryField(default=b"")),
                ("hash", models.BinaryField(default=b"")),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "indexes": [
                    models.Index(fields=["actor_id", "id"], name="accounts_auditentry_actor"),
                    models.Index(
                        fields=["action", "created_at"],
                        name="accounts_auditentry_action",
                    ),
                    models.Index(fields=["created_at"], name="accounts_auditentry_created"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "sequence"),
                        name="accounts_auditentry_chain",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="developer",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="accounts_developer_email_folded",
            ),
        ),
    ]
