"""Connections of end users to vendors' clouds: the app, the connection, the sign-in under way, and subscriptions."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Organization
from wearlink.lib import clock
from wearlink.lib.postgres.walls import HIDDEN
from wearlink.lib.security.fields import EncryptedField
from wearlink.lib.work.leases import LeasedQuerySet, LeasedRow

LIVE_STATUSES = ("active", "error")


class ProviderApp(models.Model):
    """An organization's own app at a vendor. `secrets` is JSON (providers.vendor_api.credentials)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=32)
    client_id = models.CharField(max_length=255)
    secrets = EncryptedField()
    scopes: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "providers"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "provider"], name="app_once_per_provider"),
        ]
        indexes: ClassVar = [models.Index(fields=["provider"], name="app_by_provider")]

    def __str__(self) -> str:
        return f"{self.provider} {self.id}"


class ConnectionQuerySet(LeasedQuerySet["Connection"]):
    def live(self) -> "ConnectionQuerySet":
        """Return those that bring data, or should."""
        return self.filter(status__in=LIVE_STATUSES)

    def for_user(self, user_key: int) -> "ConnectionQuerySet":
        """Return those of one end user."""
        return self.filter(user_key=user_key)


class Connection(LeasedRow):
    """One end user at one vendor. The lease (`lease`, `locked_until`) lets one worker at a time talk to the vendor.

    `account` is the vendor's id of the end user; several end users may share one. `synced_to` is the last local day up
    to which everything pulled is stored; it moves in the transaction that stores the last of it. `app` is the
    organization's app the grant was made for, None for the platform's.
    """

    class Status(models.TextChoices):
        ACTIVE = "active"
        EXPIRED = "expired"
        REVOKED = "revoked"
        ERROR = "error"

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user_key = models.BigIntegerField()
    organization_id = models.UUIDField()
    provider = models.CharField(max_length=32)
    app = models.ForeignKey(ProviderApp, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    account = models.CharField(max_length=128)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACTIVE)
    reason = models.CharField(max_length=64, default="", db_default="")
    scopes: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)

    connected_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    last_sync_at = models.DateTimeField(null=True)
    last_event_at = models.DateTimeField(null=True)
    next_sync_at = models.DateTimeField(null=True)
    synced_to = models.DateField(null=True)
    failures = models.SmallIntegerField(default=0, db_default=0)
    last_error = models.TextField(default="", db_default="")
    last_error_at = models.DateTimeField(null=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        app_label = "providers"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_key", "provider"], name="connection_once_per_provider"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "account"], name="connection_account"),
            models.Index(fields=["next_sync_at"], condition=Q(status__in=LIVE_STATUSES), name="connection_due"),
            models.Index(fields=["app"], name="connection_app"),
            models.Index(fields=["organization_id", "status"], name="connection_of_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.id}"

    @property
    def is_live(self) -> bool:
        """Return whether the connection brings data, or should."""
        return self.status in LIVE_STATUSES


class ConnectionToken(models.Model):
    """A connection's tokens. A row of its own, so that a refresh, which locks it while it asks the vendor,
    keeps nobody from the connection. There is none once the connection has ended.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, primary_key=True, related_name="token")
    access = EncryptedField()
    refresh = EncryptedField(default="")
    expires_at = models.DateTimeField(null=True)
    obtained_at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "providers"

    def __str__(self) -> str:
        return f"of {self.connection_id}"


class Revocation(models.Model):
    """A grant to be given back to its vendor. Its tokens go with the row: done, or given up."""

    wall = HIDDEN

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=32)
    app = models.ForeignKey(ProviderApp, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    account = models.CharField(max_length=128)
    access = EncryptedField()
    refresh = EncryptedField(default="")
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        app_label = "providers"

    def __str__(self) -> str:
        return f"{self.provider} #{self.pk}"


class OAuthState(models.Model):
    """An end user on the way to a vendor and back. Only the hash of the state is stored; using it deletes the row."""

    id = models.BigAutoField(primary_key=True)
    digest = models.BinaryField(max_length=32, unique=True)
    user_key = models.BigIntegerField(db_index=True)
    organization_id = models.UUIDField()
    provider = models.CharField(max_length=32)
    app = models.ForeignKey(ProviderApp, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    redirect_uri = models.TextField(default="")  # of the customer's app; empty: our own page
    verifier = EncryptedField(default="")  # PKCE
    back_to_widget = models.BooleanField(default=False)
    link_since = models.DateTimeField(null=True)  # of the connect link this was begun from
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "providers"

    def __str__(self) -> str:
        return f"{self.provider} {self.id}"


class VendorSubscription(models.Model):
    """A subscription of a vendor's app: one row a topic."""

    wall = HIDDEN

    class State(models.TextChoices):
        ACTIVE = "active"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=32)
    app = models.ForeignKey(ProviderApp, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    topic = models.CharField(max_length=128)
    vendor_id = models.CharField(max_length=128, default="", db_default="")
    callback_url = models.CharField(max_length=500, default="", db_default="")
    state = models.CharField(max_length=16, choices=State.choices, default=State.ACTIVE)
    expires_at = models.DateTimeField(null=True)
    signing_secret = EncryptedField(default="")
    error = models.TextField(default="", db_default="")
    failures = models.SmallIntegerField(default=0, db_default=0)
    checked_at = models.DateTimeField(default=clock.now)
    next_check_at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "providers"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "app", "topic"], nulls_distinct=False, name="subscription_once_per_topic"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.topic}"


class IgnoredEvent(models.Model):
    """A count of a vendor's notifications that we cannot use, or that are about somebody we do not know.

    kind of bad signatures: the end of the address they came to, for diagnosis.
    """

    wall = HIDDEN

    class Reason(models.TextChoices):
        UNSUPPORTED = "unsupported"
        UNKNOWN_ACCOUNT = "unknown_account"
        UNPROVEN = "unproven"
        BAD_SIGNATURE = "bad_signature"

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=32)
    reason = models.CharField(max_length=32, choices=Reason.choices)
    kind = models.CharField(max_length=64)
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "providers"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "reason", "kind"], name="ignored_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.reason} {self.kind}"
