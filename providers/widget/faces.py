"""The app that an end user came from, as the connect page shows it."""

from dataclasses import dataclass

from accounts.models import Organization
from accounts.organization import logos


@dataclass(frozen=True, slots=True)
class AppFace:
    """Name, the address of its logo (None where it has none), and of its words on privacy (empty for none)."""

    name: str
    logo: str | None
    privacy: str


def face_of(organization: Organization) -> AppFace:
    """Return the organization's name, logo and links, as set by PATCH /organization."""
    return AppFace(organization.name, logos.address(organization), organization.privacy_url)
