"""Keeping stored filters and Svix in step with the catalogue."""

from django.conf import settings

from accounts.webhooks import event_types, filters, signing
from accounts.webhooks.backends import svix
from accounts.webhooks.backends.chosen import chosen_backend
from accounts.webhooks.models import Endpoint


def sync() -> None:
    """Event types first, as Svix takes no endpoint that names an unknown one; then the endpoints."""
    if settings.SVIX_TOKEN:
        svix.sync_event_types()
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
            chosen_backend().change(endpoint)
            changed += 1
        endpoint.catalogue = digest
        endpoint.save(update_fields=["event_types", "catalogue"])
    return changed


def push_missing() -> int:
    """Tell Svix of endpoints it was never told of: made with the other backend, or in a process that died."""
    missing = list(Endpoint.objects.live().filter(pushed_at__isnull=True))
    for endpoint in missing:
        newest = endpoint.secrets.first()
        secret = newest.secret if newest else signing.new_secret()
        chosen_backend().add(endpoint, secret)
    return len(missing)
