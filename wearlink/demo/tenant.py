"""The demo's organization: owner, platform admin, API key and end users. All of it is found again at the next start."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.hashers import check_password

from accounts import audit, keys, mail, passwords, users
from accounts.models import Developer, EndUser, Organization
from accounts.registration import DEFAULT_KEY_NAME, create_organization
from billing import plans
from wearlink.demo.people import Person

DEVELOPER_EMAIL: Final = "demo@example.com"
ADMIN_EMAIL: Final = "admin@example.com"
PLAN: Final = "scale"
ACTOR: Final = audit.Actor("system", "demo")


@dataclass(frozen=True, slots=True)
class Login:
    """What somebody signs in with."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """Everything an operator wants to know of the demo, but for its base URL."""

    organization: Organization
    developer: Login
    admin: Login
    api_key: str
    people: tuple[tuple[Person, EndUser], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the start before told; empty where nothing is known. Only what still works is used again."""

    developer_password: str = ""
    admin_password: str = ""
    api_key: str = ""


class AdminIsNot(Exception):
    """The admin's address belongs to somebody who is no admin; making them one is not the demo's to decide."""


def make(kept: Kept, admin_email: str, people: Iterable[Person]) -> Tenant:
    """The demo's tenant as it shall be; changes nothing where it is so already. Raises AdminIsNot."""
    owner, password = _developer(DEVELOPER_EMAIL, "Demo", "Demo Owner", kept.developer_password)
    admin, admin_password = _developer(admin_email, "WearLink", "Admin", kept.admin_password, is_superuser=True)
    organization = plans.grant(owner.organization, PLAN, ACTOR)
    return Tenant(
        organization=organization,
        developer=Login(owner.email, password),
        admin=Login(admin.email, admin_password),
        api_key=_api_key(owner, kept.api_key),
        people=tuple((person, _end_user(organization, person)) for person in people),
    )


def _developer(
    email: str, organization: str, name: str, kept: str, *, is_superuser: bool = False
) -> tuple[Developer, str]:
    """A developer with a password we know: the one kept, else a new one."""
    password = kept or secrets.token_urlsafe(15)
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
    if not (kept and check_password(kept, developer.password)):
        password = secrets.token_urlsafe(15)
        passwords.reset(mail.reset_token(developer), password)
    return developer, password


def _api_key(owner: Developer, kept: str) -> str:
    """The key of the start before; else the default key's successor, for whole keys are shown only once."""
    row = keys.find(kept)
    if row is not None and row.organization_id == owner.organization_id:
        return kept
    organization = owner.organization
    lost = organization.api_keys.live().filter(name=DEFAULT_KEY_NAME).first()
    if lost is None:
        made = keys.create(organization=organization, name=DEFAULT_KEY_NAME, actor=ACTOR, created_by=owner)
    else:
        made = keys.rotate(organization=organization, public_id=lost.public_id, actor=ACTOR, created_by=owner)
    return made.secret


def _end_user(organization: Organization, person: Person) -> EndUser:
    found = EndUser.objects.for_organization(organization).filter(external_id=person.external_id).first()
    if found is not None:
        return found
    values = {
        "external_id": person.external_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "time_zone": person.time_zone,
    }
    return users.create(organization, values)
