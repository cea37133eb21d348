"""Endpoints as part of what an account that is taken back loses."""

from django.db import transaction

from accounts.audit import Actor
from accounts.models import Organization
from accounts.sign_in import reclaim
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Endpoint


def _delete_endpoints(organization: Organization, actor: Actor) -> None:
    """Remove them here at once; where Svix delivers, call it after the commit."""
    for endpoint in Endpoint.objects.for_organization(organization):
        lifecycle.forget(endpoint, actor)
        transaction.on_commit(lambda gone=endpoint: lifecycle.remove_from_backend(gone), robust=True)  # type: ignore[misc]


reclaim.register("webhook endpoints", _delete_endpoints)
