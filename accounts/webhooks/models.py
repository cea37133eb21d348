"""Endpoint, Secret, Message, Delivery, Attempt: from a customer's address to what it answered.

A message is one event as it is sent. A delivery is the row that a worker leases: one message on its way to one
endpoint (or, with Svix, to Svix: endpoint_key 0). An attempt is one call and its answer; attempts are only added.
Deliveries and attempts name their endpoint and message by key without a constraint, because they are written by the
hundred and outlive a deleted endpoint until they are pruned.
"""

from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import Organization
from accounts.webhooks import ids
from wearlink.lib import clock
from wearlink.lib.postgres.walls import Behind
from wearlink.lib.security.fields import EncryptedField
from wearlink.lib.work.leases import LeasedQuerySet, LeasedRow

SERVICE = 0  # the endpoint_key of deliveries that hand a message to Svix


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def for_organization(self, organization: Organization) -> "EndpointQuerySet":
        """Return the addresses that one organization has."""
        return self.live().filter(organization_id=organization.pk, listener=False)

    def listeners_of(self, organization: Organization) -> "EndpointQuerySet":
        """Return the listeners that one organization has."""
        return self.live().filter(organization_id=organization.pk, listener=True)

    def live(self) -> "EndpointQuerySet":
        """Return those that were not deleted."""
        return self.filter(deleted_at__isnull=True)


class Endpoint(models.Model):
    """A customer's address. filter_types is what the customer asked for, event_types the names that come of it.

    A listener has no address: a developer's command line fetches what it takes, and it ends when nobody does any more.
    """

    class Status(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"  # by the customer
        DISABLED = "disabled"  # by us, since deliveries kept failing

    key = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, unique=True, default=partial(ids.new, ids.ENDPOINT), editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=2048)
    description = models.CharField(max_length=500, blank=True, default="")
    filter_types: "models.JSONField[Any, Any]" = models.JSONField(null=True, blank=True)  # NULL: no filter
    event_types = ArrayField(models.CharField(max_length=128))
    user_id = models.UUIDField(null=True, blank=True)  # only events about this end user
    catalogue = models.CharField(max_length=16, default="", help_text="digest of the catalogue event_types are from")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACTIVE)
    disabled_reason = models.CharField(max_length=200, blank=True, default="")
    # The first message that was given up since the last success; see accounts.webhooks.endpoints.health.
    first_failure_at = models.DateTimeField(null=True, blank=True)
    slow = models.BooleanField(default=False, help_text="did not answer last time: gets one call at a time")
    proven_at = models.DateTimeField(null=True, help_text="its first success; until then it counts as slow")
    rate_limit = models.PositiveSmallIntegerField(null=True, blank=True, help_text="calls a second")
    next_call_at = models.DateTimeField(null=True, help_text="when the rate allows the next call")
    headers = EncryptedField(default="", help_text="JSON: further headers of every call")
    metadata: "models.JSONField[Any, Any]" = models.JSONField(default=dict, blank=True, help_text="the customer's own")
    failing_at = models.DateTimeField(null=True, help_text="when its failing was reported; null: it is not failing")
    pushed_at = models.DateTimeField(null=True, blank=True, help_text="when it was last sent to Svix")
    listener = models.BooleanField(default=False, db_default=False)
    polled_at = models.DateTimeField(null=True, blank=True, help_text="when somebody last fetched for this listener")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ("-key",)
        indexes: ClassVar = [
            models.Index(fields=["polled_at"], condition=Q(listener=True, deleted_at=None), name="webhooks_listener"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_active(self) -> bool:
        """Whether the endpoint gets new messages."""
        return self.status == self.Status.ACTIVE and self.deleted_at is None

    @property
    def is_slow(self) -> bool:
        """Whether the endpoint's calls wait in the slow lane."""
        return self.slow or self.proven_at is None


class Secret(models.Model):
    """A signing secret. The newest signs, older ones beside it until they expire."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="secrets")
    secret = EncryptedField()
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"secret #{self.pk}"


class MessageQuerySet(models.QuerySet["Message"]):
    def for_organization(self, organization: Organization) -> "MessageQuerySet":
        """Return only the messages of one organization."""
        return self.filter(organization_id=organization.pk)


class Message(models.Model):
    """One event. Its body is the exact bytes that are signed and sent.

    Samples wait as a deferred_body until the first attempt: making the body of thousands of them has no place in the
    transaction that stores them. From then on the bytes never change.
    """

    key = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    event_id = models.CharField(
        max_length=256, null=True, blank=True, help_text="the emitter's own name of the event, unique per tenant"
    )
    type = models.CharField(max_length=128)
    user_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    body = models.BinaryField(null=True)
    deferred_body = models.BinaryField(null=True)
    service_id = models.CharField(max_length=64, default="", db_default="", help_text="Svix's own id, once handed over")
    test = models.BooleanField(default=False, db_default=False, help_text="asked for by a person, for one endpoint")

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("organization", "event_id"), condition=Q(event_id__isnull=False), name="webhooks_message_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("organization", "-key"), name="webhooks_message_listed"),
            models.Index(fields=("user_id", "-key"), condition=Q(user_id__isnull=False), name="webhooks_message_user"),
            BrinIndex(fields=("created_at",), name="webhooks_message_age"),  # for the nightly prune alone
            models.Index(fields=("service_id",), condition=~Q(service_id=""), name="webhooks_message_service"),
        ]

    def __str__(self) -> str:
        return self.id


class DeliveryQuerySet(LeasedQuerySet["Delivery"]):
    def due(self, moment: datetime) -> "DeliveryQuerySet":
        """Return those a worker could take now."""
        return self.filter(state=Delivery.State.PENDING, due_at__lte=moment)


class Delivery(LeasedRow):
    """A message on its way."""

    wall = Behind("message_key", "webhooks.Message")

    SUSPECT_AFTER = 3  # leases without an outcome
    lease_mirror = "due_at"

    class State(models.IntegerChoices):
        PENDING = 0
        DELIVERED = 1
        FAILED = 2  # given up
        DROPPED = 3  # the endpoint was disabled, paused or deleted before it arrived

    class Trigger(models.IntegerChoices):
        SCHEDULED = 0
        MANUAL = 1  # a resend or test: one attempt, whatever the filter says

    key = models.BigAutoField(primary_key=True)
    message_key = models.BigIntegerField()
    endpoint_key = models.BigIntegerField()
    state = models.SmallIntegerField(choices=State.choices, default=State.PENDING)
    trigger = models.SmallIntegerField(choices=Trigger.choices, default=Trigger.SCHEDULED)
    attempts = models.SmallIntegerField(default=0, help_text="calls that came to an end")
    leases = models.SmallIntegerField(default=0, help_text="counted on taking, so that a crash counts too")
    due_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("endpoint_key", "due_at"), condition=Q(state=0), name="webhooks_delivery_due"),
            models.Index(
                fields=("due_at",), condition=Q(state=0, leases__gt=F("attempts") + 3), name="webhooks_delivery_suspect"
            ),
            models.Index(fields=("endpoint_key",), condition=Q(lease__isnull=False), name="webhooks_delivery_held"),
            models.Index(fields=("message_key",), name="webhooks_delivery_message"),
            models.Index(fields=("endpoint_key", "-message_key"), name="webhooks_delivery_endpoint"),
        ]

    def __str__(self) -> str:
        return f"delivery #{self.pk}"


class Attempt(models.Model):
    """One call to an endpoint and what came of it. status_code 0: there was no answer, `error` says why."""

    wall = Behind("message_key", "webhooks.Message")

    key = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, unique=True, default=partial(ids.new, ids.ATTEMPT), editable=False)
    endpoint_key = models.BigIntegerField()
    message_key = models.BigIntegerField()
    number = models.SmallIntegerField(help_text="1 for the first call of its delivery")
    trigger = models.SmallIntegerField(choices=Delivery.Trigger.choices)
    succeeded = models.BooleanField()
    url = models.CharField(max_length=2048)
    status_code = models.SmallIntegerField()
    response = models.BinaryField(default=b"", help_text="the first 20,000 bytes of the answer's body")
    error = models.CharField(max_length=200, default="", blank=True)
    duration_ms = models.IntegerField()
    created_at = models.DateTimeField(default=clock.now)
    next_at = models.DateTimeField(null=True, help_text="when the next attempt is due")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("endpoint_key", "-key"), name="webhooks_attempt_endpoint"),
            models.Index(fields=("message_key", "-key"), name="webhooks_attempt_message"),
        ]

    def __str__(self) -> str:
        return self.id
