"""Keeping stored filters, the catalogue, and the state of endpoints in step with Svix."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from accounts.models import Organization
from accounts.webhooks import event_types, signing
from accounts.webhooks.backends import svix, svix_api
from accounts.webhooks.backends.chosen import chosen_backend
from accounts.webhooks.backends.svix import SvixBackend
from accounts.webhooks.catalogue import filters
from accounts.webhooks.contract import EndpointNotFound
from accounts.webhooks.endpoints import health, mails
from accounts.webhooks.endpoints.health import Notice
from accounts.webhooks.models import Endpoint
from wearlink.lib import clock
from wearlink.lib.work import task_queue

SETTLED: Final = timedelta(minutes=1)  # an endpoint that was changed a moment ago may be on its way to Svix
LOOK: Final = "accounts.webhooks.tasks.look_at_svix"
BY_SVIX: Final = "Svix disabled the endpoint because deliveries kept failing."


def sync() -> None:
    """Event types first, as Svix takes no endpoint that names an unknown one; then the endpoints."""
    if settings.SVIX_TOKEN:
        svix.sync_event_types()
        notice_disabled()
        push_missing()
    expand_again()


def expand_again() -> int:
    """Expand the filters of endpoints whose names come of an older catalogue; returns how many have changed."""
    digest = event_types.digest()
    changed = 0
    for endpoint in Endpoint.objects.live().exclude(catalogue=digest).iterator(chunk_size=500):
        names = filters.still_known(endpoint.filter_types)
        if names != endpoint.event_types:
            endpoint.event_types = names
            if settings.SVIX_TOKEN and not endpoint.listener:
                SvixBackend().change(endpoint, state_too=False)
            changed += 1
        endpoint.catalogue = digest
        endpoint.save(update_fields=["event_types", "catalogue"])
    return changed


def push_missing() -> int:
    """Register at Svix the endpoints that it lacks: made with the other backend, or in a process that died."""
    missing = list(Endpoint.objects.live().filter(pushed_at__isnull=True, listener=False))
    for endpoint in missing:
        newest = endpoint.secrets.first()
        chosen_backend().add(endpoint, newest.secret if newest else signing.new_secret())
    return len(missing)


def request_look(organization_id: UUID) -> None:
    """Have the endpoints of an organization looked up at Svix, which says that one of them has changed there."""
    task_queue.enqueue(LOOK, str(organization_id))


def notice_disabled(organization_id: str | None = None) -> int:
    """Take over that Svix has disabled endpoints, of all or of one organization; returns how many."""
    active = Endpoint.objects.live().filter(
        status=Endpoint.Status.ACTIVE, pushed_at__isnull=False, updated_at__lt=clock.now() - SETTLED
    )
    if organization_id is not None:
        active = active.filter(organization_id=organization_id)
    by_app: dict[str, list[Endpoint]] = {}
    for endpoint in active:
        by_app.setdefault(str(endpoint.organization_id), []).append(endpoint)
    noticed = 0
    for app, endpoints in by_app.items():
        try:
            disabled = svix_api.disabled_endpoints(app)
        except EndpointNotFound:  # an application that is made with its next message
            continue
        for endpoint in endpoints:
            if endpoint.id in disabled and health.disable(endpoint, BY_SVIX):
                mails.enqueue(endpoint.key, Notice.DISABLED)
                noticed += 1
    return noticed


def forget_applications() -> int:
    """Delete the applications at Svix of organizations that are gone; returns how many."""
    gone = 0
    for app in list(svix_api.own_applications()):
        if not Organization.objects.filter(pk=app).exists():
            svix_api.delete_application(app)
            gone += 1
    return gone
