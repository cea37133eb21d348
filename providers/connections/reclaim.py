"""Credentials for providers as part of what an account that is taken back loses."""

from accounts import audit
from accounts.models import Organization
from accounts.sign_in import reclaim
from providers.connections import own_apps
from providers.models import ProviderApp


def _remove_apps(organization: Organization, actor: audit.Actor) -> None:
    for row in ProviderApp.objects.filter(organization_id=organization.pk):
        own_apps.forget(row, organization, actor=actor)


reclaim.register("provider credentials", _remove_apps)
