"""Creating an organization with its first owner and its default key."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import audit, keys, tasks
from accounts.models import Developer, Organization, Role
from accounts.models.developer import fold_email
from wearlink.lib.errors import Conflict, FieldError, InvalidInput
from wearlink.lib.work.task_queue import enqueue

DEFAULT_KEY_NAME = "Default"


class EmailTaken(Conflict):
    """Sign-in addresses are unique on the whole platform."""

    default_code = "email_taken"

    def __init__(self) -> None:
        super().__init__("An account with this email already exists")


@dataclass(frozen=True, slots=True)
class NewOrganization:
    organization: Organization
    owner: Developer
    api_key: keys.MintedKey


def create_organization(
    *, name: str, email: str, password: str, owner_name: str = "", verified: bool = False, is_superuser: bool = False
) -> NewOrganization:
    """Return an organization on the hobby plan, its owner, and a default API key; a verification mail unless
    ``verified``.

    Raises EmailTaken, and InvalidInput on "password" for a weak one.
    """
    owner = Developer(email=fold_email(email), name=owner_name, role=Role.OWNER, is_superuser=is_superuser)
    check_password_strength(password, owner)
    if Developer.objects.by_email(email).exists():
        raise EmailTaken
    owner.password = make_password(password)  # slow on purpose: not while a transaction is open
    if verified:
        owner.email_verified_at = owner.created_at
    with transaction.atomic():
        organization = Organization.objects.create(name=name)
        owner.organization = organization
        save_new(owner)
        key = keys.mint(organization=organization, name=DEFAULT_KEY_NAME, created_by=owner)
        actor = audit.developer(owner)
        audit.record("organization.created", actor=actor, organization=organization, target=organization)
        audit.record("api_key.created", actor=actor, organization=organization, target=key.row)
        if not verified:
            enqueue(tasks.send_verification.name, str(owner.pk))
    return NewOrganization(organization, owner, key)


def save_new(developer: Developer) -> None:
    """Insert a developer inside a transaction. Raises EmailTaken, also when a parallel call was first."""
    try:
        with transaction.atomic():
            developer.save(force_insert=True)
    except IntegrityError as error:
        raise EmailTaken from error


def check_password_strength(password: str, developer: Developer, field: str = "password") -> None:
    """Raise InvalidInput naming every fault of a new password."""
    try:
        validate_password(password, developer)
    except ValidationError as error:
        faults = [FieldError(field, message) for message in error.messages]
        raise InvalidInput(f"{field}: {faults[0].message}", errors=faults, code="weak_password") from error
