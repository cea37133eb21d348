"""The demo's organization: owner, platform admin, API key and end users. All of it is found again at the next start."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.hashers import check_password

from accounts import audit, keys, mail
from accounts.end_users import users
from accounts.models import Developer, EndUser, Organization
from accounts.organization import organizations
from accounts.sign_in import passwords
from accounts.sign_in.registration import DEFAULT_KEY_NAME, create_organization
from billing import plans
from wearlink.demo.demo_users import DemoUser

DEVELOPER_EMAIL: Final = "demo@example.com"
ORGANIZATION: Final = "StrideFit"
APP_ADDRESSES: Final = ("https://app.stridefit.example.com/connected", "stridefit://connected")
ADMIN_EMAIL: Final = "admin@example.com"
PLAN: Final = "scale"
ACTOR: Final = audit.Actor("system", "demo")


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A demo account's e-mail address and password."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """The demo's accounts, key and end users: all that an operator needs, but for the base URL."""

    organization: Organization
    developer: DemoLogin
    admin: DemoLogin
    api_key: str
    demo_users: tuple[tuple[DemoUser, EndUser], ...]


@dataclass(frozen=True, slots=True)
class KnownSecrets:
    """The secrets of the last start; empty where nothing is known. Only those that still work are used again."""

    developer_password: str = ""
    admin_password: str = ""
    api_key: str = ""


class AdminIsNot(Exception):
    """The admin's address belongs to somebody who is no admin; making them one is not the demo's to decide."""


def make(known: KnownSecrets, admin_email: str, demo_users: Iterable[DemoUser], base_url: str) -> DemoTenant:
    """Return the demo's tenant as it shall be; changes nothing where it is so already. Raises AdminIsNot.

    The connect page may return to the app's own addresses, and to our front page, in place of an app.
    """
    owner, password = _developer(DEVELOPER_EMAIL, ORGANIZATION, "Demo Owner", known.developer_password)
    admin, admin_password = _developer(admin_email, "WearLink", "Admin", known.admin_password, is_superuser=True)
    organization = plans.grant(owner.organization, PLAN, ACTOR)
    _allow_returns(organization, [f"{base_url}/", *APP_ADDRESSES])
    return DemoTenant(
        organization=organization,
        developer=DemoLogin(owner.email, password),
        admin=DemoLogin(admin.email, admin_password),
        api_key=_api_key(owner, known.api_key),
        demo_users=tuple((demo_user, _end_user(organization, demo_user)) for demo_user in demo_users),
    )


def _allow_returns(organization: Organization, addresses: list[str]) -> None:
    """Addresses that the owner has added stay."""
    missing = [one for one in addresses if one not in organization.redirect_addresses]
    if missing:
        organization.redirect_addresses = [*organization.redirect_addresses, *missing]
        organizations.save(organization, ["redirect_addresses"], actor=ACTOR)


def _developer(
    email: str, organization: str, name: str, known: str, *, is_superuser: bool = False
) -> tuple[Developer, str]:
    """Return a developer with a password we know: the one kept, else a new one."""
    password = known or secrets.token_urlsafe(15)
    developer = Developer.objects.select_related("organization").by_email(email).first()
    if developer is None:
        made = create_organization(
            name=organization,
            email=email,
            password=password,
            owner_name=name,
            verified=True,
            is_superuser=is_superuser,
        )
        return made.owner, password
    if is_superuser and not developer.is_superuser:
        raise AdminIsNot(f"{email} belongs to somebody who is no admin. Choose another with ROOT_ADMIN_EMAIL.")
    if not (known and check_password(known, developer.password)):
        password = secrets.token_urlsafe(15)
        passwords.reset(mail.reset_token(developer), password)
    return developer, password


def _api_key(owner: Developer, known: str) -> str:
    """Return the key of the start before; else the default key's successor, for whole keys are shown only once."""
    row = keys.find(known)
    if row is not None and row.organization_id == owner.organization_id:
        return known
    organization = owner.organization
    lost = organization.api_keys.live().filter(name=DEFAULT_KEY_NAME).first()
    if lost is None:
        made = keys.create(organization=organization, name=DEFAULT_KEY_NAME, actor=ACTOR, created_by=owner)
    else:
        made = keys.rotate(organization=organization, public_id=lost.public_id, actor=ACTOR, created_by=owner)
    return made.secret


def _end_user(organization: Organization, demo_user: DemoUser) -> EndUser:
    found = EndUser.objects.for_organization(organization).filter(external_id=demo_user.external_id).first()
    if found is not None:
        return found
    values = {
        "external_id": demo_user.external_id,
        "first_name": demo_user.first_name,
        "last_name": demo_user.last_name,
        "email": demo_user.email,
        "time_zone": demo_user.time_zone,
    }
    return users.create(organization, values)
