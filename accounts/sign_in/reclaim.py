"""Taking an account back: the holder of an address gets an account that somebody else made in that name.

    register("webhook endpoints", revoke)      # revoke(organization, actor), in the transaction of the first proof

Each app revokes what it owns: whatever lets somebody in, or sends something out, without the password.
"""

from collections.abc import Callable

from accounts import audit, keys
from accounts.models import ApiKey, Developer, Invitation, Organization
from wearlink.lib import clock

Revoke = Callable[[Organization, audit.Actor], None]
_PARTS: dict[str, Revoke] = {}


def register(name: str, revoke: Revoke) -> None:
    """Have ``revoke`` called too. Raises ValueError for a name that is taken."""
    if _PARTS.setdefault(name, revoke) is not revoke:
        raise ValueError(f"{name} is registered twice.")


def revoke_all(holder: Developer, actor: audit.Actor) -> None:
    """Revoke everything in the holder's organization that was made before the address was proved."""
    organization = Organization.objects.select_for_update().get(pk=holder.organization_id)
    for revoke in _PARTS.values():
        revoke(organization, actor)
    others = Developer.objects.for_organization(organization).exclude(pk=holder.pk)
    counts = {"members": others.count()}
    others.delete()
    audit.record("organization.reclaimed", actor=actor, organization=organization, target=organization, data=counts)


def _revoke_keys(organization: Organization, actor: audit.Actor) -> None:
    for row in ApiKey.objects.for_organization(organization).live():
        keys.delete(organization=organization, public_id=row.public_id, actor=actor)


def _withdraw_invitations(organization: Organization, actor: audit.Actor) -> None:
    Invitation.objects.for_organization(organization).open().update(revoked_at=clock.now())


register("API keys", _revoke_keys)
register("invitations", _withdraw_invitations)
