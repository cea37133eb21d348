"""The cast of every test: Alice owns an organization, Bob is her team-mate, Charlie owns another one.

alice = factories.alice()            # her organization is alice.organization
bob = factories.bob(alice)
client = factories.key_client(alice) # DRF's APIClient with an API key; dashboard_client and sdk_client likewise
jane = factories.end_user(alice.organization, email="jane@example.com")
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from accounts import audit, authentication, keys
from accounts.end_users import users
from accounts.models import Developer, EndUser, Organization, Role, SecondFactorDevice
from accounts.sign_in import second_factor
from wearlink.lib import clock

PASSWORD = "correct horse battery staple"


def developer(organization: Organization, name: str, role: str = Role.OWNER, **fields: Any) -> Developer:
    """Return a developer with PASSWORD whose address is confirmed."""
    row = Developer(organization=organization, name=name, email=f"{name.lower()}@example.com", role=role, **fields)
    row.password = make_password(PASSWORD)
    row.email_verified_at = row.created_at
    row.save(force_insert=True)
    return row


def organization(name: str) -> Organization:
    """Another customer, or the platform's own."""
    return Organization.objects.create(name=name)


def alice() -> Developer:
    """Return the owner of an organization called Alpha."""
    return developer(Organization.objects.create(name="Alpha"), "Alice")


def bob(team_mate: Developer, role: str = Role.MEMBER) -> Developer:
    """Return a member of the same organization."""
    return developer(team_mate.organization, "Bob", role)


def charlie() -> Developer:
    """Return the owner of another organization, called Gamma."""
    return developer(Organization.objects.create(name="Gamma"), "Charlie")


def code_of(device: SecondFactorDevice, ahead: int = 0) -> str:
    """Return what an authenticator shows, so many periods of 30 s from now."""
    return device.code_at(clock.now().timestamp() + 30 * ahead)


def with_second_factor(developer: Developer) -> tuple[SecondFactorDevice, list[str]]:
    """Set up an authenticator; also the recovery codes. The code of now is used up."""
    device = second_factor.begin(developer)
    codes = second_factor.confirm(developer, code_of(device), audit.developer(developer))
    return SecondFactorDevice.objects.get(user=developer), codes


def end_user(organization: Organization, **values: Any) -> EndUser:
    """Return an end user; values as in POST /users."""
    return users.create(organization, values)


def api_key(organization: Organization, name: str = "Test") -> str:
    return keys.mint(organization=organization, name=name).secret


def key_client(owner: Developer | Organization) -> APIClient:
    """Calls with an API key of the organization."""
    organization = owner.organization if isinstance(owner, Developer) else owner
    return _client({"X-WearLink-API-Key": api_key(organization)})


def dashboard_client(who: Developer) -> APIClient:
    """Calls with the developer's dashboard token."""
    return _client({"Authorization": f"Bearer {authentication.dashboard_token(who)}"})


def sdk_client(whose: EndUser) -> APIClient:
    """Calls with an SDK token of that end user."""
    return _client({"Authorization": f"Bearer {authentication.sdk_token(whose)}"})


def _client(headers: Mapping[str, str]) -> APIClient:
    client = APIClient()
    client.credentials(**{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()})
    return client
