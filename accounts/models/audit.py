"""AuditEntry: who did what. Rows are only ever added, and each carries the hash of the one before it."""

from django.db import models

from accounts.models.organization import Organization
from wearlink.lib import clock
from wearlink.lib.postgres.walls import ADDED_ONLY, APPEND_ONLY, ORGANIZATION, Behind, Wall


class DatabaseMade(models.BinaryField):
    """Filled by a trigger and read back with the INSERT."""

    @property
    def db_returning(self) -> bool:
        """True, for Django to name the field in RETURNING."""
        return True


class AuditEntry(models.Model):
    """One privileged act. `sequence`, `previous_hash` and `hash` are filled by a database trigger.

    One chain an organization, and one (organization NULL) for the platform. Holds ids, never personal data.
    """

    wall = ADDED_ONLY

    id = models.BigAutoField(primary_key=True)
    # No constraint: the entries outlive an organization that is erased.
    organization = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    sequence = models.BigIntegerField(default=0)
    action = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64, blank=True, default="")
    target_type = models.CharField(max_length=64, blank=True, default="")
    target_id = models.CharField(max_length=128, blank=True, default="")
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    previous_hash = models.BinaryField(default=b"")
    hash = DatabaseMade(default=b"")

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "audit entries"
        constraints = [
            models.UniqueConstraint(
                fields=("organization", "sequence"),
                nulls_distinct=False,
                name="accounts_auditentry_chain",
            ),
        ]
        indexes = [
            models.Index(fields=("actor_id", "id"), name="accounts_auditentry_actor"),
            models.Index(fields=("target_id", "id"), name="accounts_auditentry_target"),
            models.Index(fields=("action", "created_at"), name="accounts_auditentry_action"),
            models.Index(fields=("created_at",), name="accounts_auditentry_created"),
        ]

    def __str__(self) -> str:
        return f"{self.action} #{self.pk}"


class AuditSeal(models.Model):
    """The keyed hash of an entry's hash (accounts.audit_trail.seals). The database has no key to make one with."""

    wall = Behind("entry_id", "accounts.AuditEntry", rights=APPEND_ONLY)

    entry = models.OneToOneField(
        AuditEntry, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="seal"
    )
    key_name = models.CharField(max_length=8)
    seal = models.BinaryField()

    def __str__(self) -> str:
        return f"of entry #{self.pk}"


class AuditCheck(models.Model):
    """The progress of a walk over all of a chain, sealed (accounts.audit_trail.checks): the last one that came
    to the end, and the one that goes on another night. `broken`: the id of the first wrong entry.
    """

    wall = Wall(f"organization_id = {ORGANIZATION}", "SELECT")

    organization_id = models.UUIDField(null=True)  # null: the platform's chain
    is_complete = models.BooleanField(default=True)
    sequence = models.BigIntegerField()
    hash = models.BinaryField()
    broken = models.BigIntegerField(null=True)
    walked_at = models.DateTimeField(default=clock.now)
    key_name = models.CharField(max_length=8)
    seal = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("organization_id", "is_complete"),
                nulls_distinct=False,
                name="accounts_auditcheck_once_a_chain",
            ),
        ]

    def __str__(self) -> str:
        return f"up to number {self.sequence}"
