"""Developer: a member of an organization who signs in to the dashboard. The project's user model."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from accounts.models.organization import Organization
from wearlink.lib import clock


class Role(models.TextChoices):
    """A developer's rights inside the organization: owners and admins manage, members use."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


MANAGERS = frozenset({Role.OWNER, Role.ADMIN})


def fold_email(email: str) -> str:
    """Return the one spelling of a sign-in address that is stored and compared."""
    return email.strip().lower()


class DeveloperQuerySet(models.QuerySet["Developer"]):
    def for_organization(self, organization: Organization) -> "DeveloperQuerySet":
        """Return only the members of one organization."""
        return self.filter(organization=organization)

    def by_email(self, email: str) -> "DeveloperQuerySet":
        """Return the developer of that sign-in address, letter case ignored (addresses are stored folded)."""
        return self.filter(email=fold_email(email))


class DeveloperManager(BaseUserManager.from_queryset(DeveloperQuerySet)):  # type: ignore[misc]
    """Looks developers up by e-mail, as Django's authentication asks."""

    def get_by_natural_key(self, username: str | None) -> "Developer":
        """Return the developer of that e-mail address. Raises Developer.DoesNotExist."""
        return self.get_queryset().by_email(username or "").get()


class Developer(AbstractBaseUser):
    """An account with a sign-in. Belongs to exactly one organization with one role."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="developers")
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True, default="")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    is_reviewer = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    failed_login_count = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    locked_by_admin = models.BooleanField(default=False, help_text="else by failed sign-ins, which end no sessions")
    # Every dashboard token carries it; raising it ends them all at once.
    token_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = DeveloperManager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="accounts_developer_email_folded",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_staff(self) -> bool:
        """Whether the platform's own screens are open to this developer."""
        return self.is_superuser

    @property
    def manages(self) -> bool:
        return self.role in MANAGERS

    def is_locked(self, at: datetime | None = None) -> bool:
        """Return whether sign-in is refused at that moment (default: now)."""
        return self.locked_until is not None and self.locked_until > (at or clock.now())

    def is_suspended(self) -> bool:
        """Return whether an administrator has locked the account: that ends sessions, and no mail lifts it."""
        return self.locked_by_admin and self.is_locked()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's permission question; only superusers hold any."""
        return self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        """Django's permission question for a whole app."""
        return self.is_superuser

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django's own hash covers the password alone; lock and logout must end sessions too.
        payload = f"{self.password}:{self.token_version}"
        return salted_hmac("accounts.developer.session", payload, secret=secret, algorithm="sha256").hexdigest()
