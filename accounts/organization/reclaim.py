"""Addresses to lead back to, as part of what an account that is taken back loses."""

from accounts import audit
from accounts.models import Organization
from accounts.organization import organizations
from accounts.sign_in import reclaim


def _forget_redirects(organization: Organization, actor: audit.Actor) -> None:
    if organization.redirect_addresses:
        organization.redirect_addresses = []
        organizations.save(organization, ["redirect_addresses"], actor=actor)


reclaim.register("redirect addresses", _forget_redirects)
