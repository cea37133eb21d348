"""Roles inside an organization: owners and admins manage, members use, and an owner always remains."""

from http import HTTPStatus
from typing import ClassVar

from accounts.models import Developer, Organization, Role
from wearlink.lib.errors import Conflict, WearLinkError


class Forbidden(WearLinkError):
    """The caller's role does not allow it."""

    status: ClassVar[int] = HTTPStatus.FORBIDDEN
    default_code: ClassVar[str] = "forbidden"


class LastOwner(Conflict):
    """The organization would be left without an owner."""

    default_code = "last_owner"


def require_manager(developer: Developer) -> None:
    """Raise Forbidden unless the developer is an owner or admin."""
    if not developer.manages:
        raise Forbidden("Only owners and admins may do this.")


def require_power_over(developer: Developer, role: str) -> None:
    """Raise Forbidden unless the developer may give, change or take this role: owners alone make and unmake owners."""
    require_manager(developer)
    if role == Role.OWNER and developer.role != Role.OWNER:
        raise Forbidden("Only owners may do this to an owner.")


def require_other_owner(organization: Organization, developer: Developer) -> None:
    """Raise LastOwner if nobody else owns the organization. Call with the owners locked (lock_owners)."""
    if not organization.developers.filter(role=Role.OWNER).exclude(pk=developer.pk).exists():
        raise LastOwner("The last owner cannot leave; make somebody else an owner first.")


def lock_owners(organization: Organization) -> None:
    """Lock the organization's row, so that of two owners who leave at once the second sees the first gone."""
    Organization.objects.select_for_update(no_key=True).only("pk").get(pk=organization.pk)
