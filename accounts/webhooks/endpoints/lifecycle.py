"""Creating, changing and removing endpoints. Each verb is audited; Svix is called outside the transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.audit import Actor
from accounts.models import Developer, EndUser, Organization
from accounts.webhooks import custom_headers, event_types, signing
from accounts.webhooks.backends.chosen import chosen_backend
from accounts.webhooks.catalogue import filters
from accounts.webhooks.contract import EndpointInactive, EndpointNotFound, ServiceDown, TooManyEndpoints
from accounts.webhooks.endpoints import health
from accounts.webhooks.models import Endpoint, Secret
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput
from wearlink.lib.net import egress

MAX_SECRETS: Final = 10  # that sign at a time
MAX_UNVERIFIED: Final = 2  # endpoints of an organization whose developers have confirmed no address
EDITABLE: Final = ("url", "description", "filter_types", "user_id", "rate_limit", "metadata")


@dataclass(frozen=True, slots=True)
class Created:
    """A new endpoint and its signing secret."""

    endpoint: Endpoint
    secret: str


def find(organization: Organization, endpoint_id: str) -> Endpoint:
    """Return the organization's endpoint of that id; raises EndpointNotFound."""
    found = Endpoint.objects.for_organization(organization).filter(id=endpoint_id).first()
    if found is None:
        raise EndpointNotFound("Webhook endpoint not found")
    return found


def create(*, organization: Organization, values: Mapping[str, Any], actor: Actor) -> Created:
    """Return a new endpoint; values as in EDITABLE, and headers and secret.

    Raises InvalidInput, TooManyEndpoints, ServiceDown.
    """
    endpoint = Endpoint(organization=organization)
    apply_values(endpoint, values)
    secret = values.get("secret") or signing.new_secret()
    signing.check_secret(secret)
    with transaction.atomic():
        locked = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        _require_room(locked, Endpoint.objects.for_organization(organization).count())
        endpoint.save(force_insert=True)
        _keep(endpoint, secret)
        _record("created", endpoint, actor, {"url": _without_query(endpoint.url)})
    try:
        chosen_backend().add(endpoint, secret)
    except ServiceDown:
        Endpoint.objects.filter(pk=endpoint.key).update(deleted_at=clock.now())
        raise
    return Created(endpoint, secret)


def update(endpoint: Endpoint, values: Mapping[str, Any], actor: Actor) -> Endpoint:
    """Change what values name; ``paused`` True stops new messages, False lets them come again, after a disabling too.

    Raises InvalidInput and ServiceDown; then nothing has changed.
    """
    apply_values(endpoint, values)
    paused = values.get("paused")
    if paused is not None:
        endpoint.status = Endpoint.Status.PAUSED if paused else Endpoint.Status.ACTIVE
        endpoint.disabled_reason, endpoint.first_failure_at, endpoint.slow = "", None, False
        endpoint.failing_at = None
    chosen_backend().change(endpoint, state_too=paused is not None)
    with transaction.atomic():
        endpoint.updated_at = clock.now()
        endpoint.save(
            update_fields=[
                *EDITABLE, "headers", "event_types", "catalogue", "updated_at", "status", "disabled_reason",
                "first_failure_at", "failing_at", "slow",
            ]
        )  # fmt: skip
        if paused:
            health.drop_pending(endpoint.key)
        _record("updated", endpoint, actor, {"fields": sorted(values), "status": endpoint.status})
    return endpoint


def delete(endpoint: Endpoint, actor: Actor) -> None:
    """Remove an endpoint; what is on its way to it is dropped. Raises ServiceDown."""
    remove_from_backend(endpoint)
    forget(endpoint, actor)


def remove_from_backend(endpoint: Endpoint) -> None:
    """Tell what delivers that the endpoint is gone. Raises ServiceDown."""
    chosen_backend().remove(endpoint)


@transaction.atomic
def forget(endpoint: Endpoint, actor: Actor) -> None:
    Endpoint.objects.filter(pk=endpoint.key).update(deleted_at=clock.now())
    health.drop_pending(endpoint.key)
    _record("deleted", endpoint, actor, {"url": _without_query(endpoint.url)})


def secret(endpoint: Endpoint, actor: Actor) -> str:
    """Return the secret that signs; reading it leaves an entry in the audit trail."""
    found = chosen_backend().secret(endpoint)
    _record("secret_read", endpoint, actor, {})
    return found


def rotate(endpoint: Endpoint, grace_seconds: int, actor: Actor) -> str:
    """Return a new secret; the old one signs beside it until the grace period ends.

    Raises InvalidInput while so many older ones are still in their grace that one of them would have to go.
    """
    _require_room_for_secret(endpoint)
    fresh = signing.new_secret()
    chosen_backend().rotate(endpoint, fresh, grace_seconds)
    with transaction.atomic():
        _replace(endpoint, fresh, grace_seconds)
        _record("secret_rotated", endpoint, actor, {"grace_seconds": grace_seconds})
    return fresh


def require_active(endpoint: Endpoint) -> None:
    """Raise EndpointInactive unless it is."""
    if not endpoint.is_active:
        raise EndpointInactive(f"The endpoint is {endpoint.status}; set paused to false first.")


def _require_room(organization: Organization, count: int) -> None:
    limit = organization.max_webhook_endpoints
    if limit is not None and count >= limit:
        raise TooManyEndpoints(f"The {organization.plan} plan has room for {limit} webhook endpoints.")
    if count >= MAX_UNVERIFIED and not _is_verified(organization):
        raise TooManyEndpoints(
            f"Until somebody of the organization has confirmed an e-mail address it may have {MAX_UNVERIFIED} webhook "
            "endpoints."
        )


def _is_verified(organization: Organization) -> bool:
    """Return whether a developer has confirmed an address; an organization without developers was made
    by the operator.
    """
    developers = Developer.objects.filter(organization_id=organization.pk)
    return developers.filter(email_verified_at__isnull=False).exists() or not developers.exists()


@transaction.atomic
def _replace(endpoint: Endpoint, secret: str, grace_seconds: int) -> None:
    """Let the secrets that signed so far end with the grace period; remove those that ended before."""
    now = clock.now()
    endpoint.secrets.filter(expires_at__isnull=True).update(expires_at=now + timedelta(seconds=grace_seconds))
    endpoint.secrets.filter(expires_at__lte=now).delete()
    _keep(endpoint, secret)


def _require_room_for_secret(endpoint: Endpoint) -> None:
    if endpoint.secrets.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())).count() >= MAX_SECRETS:
        raise InvalidInput(
            f"{MAX_SECRETS} secrets sign at the moment; wait until the grace of the oldest has ended.",
            code="too_many_secrets",
        )


def _keep(endpoint: Endpoint, secret: str) -> None:
    Secret.objects.create(endpoint=endpoint, secret=secret)


def apply_values(endpoint: Endpoint, values: Mapping[str, Any]) -> None:
    """Judge what a caller gave and set it on the row, which is not saved. Raises InvalidInput."""
    for name in EDITABLE:
        if name in values:
            setattr(endpoint, name, values[name])
    if values.get("headers") is not None:
        custom_headers.write(endpoint, values["headers"])
    if "url" in values:
        _judge(endpoint.url)
    if "filter_types" in values or not endpoint.event_types:
        endpoint.filter_types = endpoint.filter_types or None
        endpoint.event_types = filters.expand(endpoint.filter_types)
        endpoint.catalogue = event_types.digest()
    if endpoint.user_id and "user_id" in values and not _has_user(endpoint.organization_id, endpoint.user_id):
        raise InvalidInput.on("user_id", "is no user of this organization.")


def _judge(url: str) -> None:
    """Refuse an address that is wrong by its text alone; what its name resolves to is checked at every attempt."""
    try:
        egress.check_url(url)
    except egress.Refused as error:
        raise InvalidInput.on("url", error.detail, code="url_refused") from error


def _has_user(organization_id: UUID, user_id: UUID) -> bool:
    return EndUser.objects.filter(organization_id=organization_id, id=user_id).exists()


def _without_query(url: str) -> str:
    """Return it as the audit trail keeps it, for ever: customers put secrets behind the question mark, and before the
    host.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "…" if parts.query else "", ""))


def _record(act: str, endpoint: Endpoint, actor: Actor, data: dict[str, Any]) -> None:
    organization = Organization(pk=endpoint.organization_id)
    audit.record(f"webhook_endpoint.{act}", actor=actor, organization=organization, target=endpoint, data=data)
