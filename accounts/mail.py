"""Mails of accounts: a subject and a template in templates/mail. Called by tasks, after the commit."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Developer, Invitation, Role
from wearlink.lib.security import tokens
from wearlink.lib.security.tokens import Purpose

#: Of every task that sends a mail: a server that does not answer is asked again, five times.
TASK_OPTIONS: Final[Mapping[str, Any]] = {
    "autoretry_for": (OSError,),
    "retry_backoff": 5,
    "max_retries": 5,
    "soft_time_limit": 50,
    "time_limit": 60,
    "acks_late": True,
}


def send_verification(developer: Developer) -> None:
    """Mail the link that confirms an address."""
    context = {"name": developer.name, "token": verification_token(developer)}
    _send("verify_email", "Confirm your e-mail address", developer.email, context)


def send_password_reset(developer: Developer) -> None:
    """Mail the link that sets a new password."""
    context = {"name": developer.name, "token": reset_token(developer)}
    _send("reset_password", "Set a new password", developer.email, context)


def send_invitation(invitation: Invitation) -> None:
    """Mail the link that accepts an invitation."""
    organization = invitation.organization.name
    context = {"organization": organization, "role": invitation.role, "token": invitation_token(invitation)}
    _send("invitation", "You are invited to WearLink", invitation.email, context)


def send_second_factor_removed(developer: Developer) -> None:
    """Mail that the account no longer asks for a second factor: somebody who did not want that should hear of it."""
    _send("second_factor_removed", "Your second factor was removed", developer.email, {"name": developer.name})


def verification_token(developer: Developer) -> str:
    """Return a token that ends with a change of address."""
    return tokens.issue(Purpose.VERIFY_EMAIL, str(developer.pk), email=developer.email)


def reset_token(developer: Developer) -> str:
    """Return a token that works once: any change of password ends it."""
    return tokens.issue(Purpose.PASSWORD_RESET, str(developer.pk), ver=developer.token_version)


def invitation_token(invitation: Invitation) -> str:
    """Return a token that works while the invitation is open."""
    return tokens.issue(Purpose.INVITATION, str(invitation.pk))


def send_to_owners(organization_id: UUID, template: str, subject: str, context: Mapping[str, Any]) -> None:
    """Send one mail to each owner of an organization; `template` is a text below mail/ in any app's templates."""
    owners = Developer.objects.filter(organization_id=organization_id, role=Role.OWNER)
    body = _render(template, context)
    for address in owners.values_list("email", flat=True):
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [address])


def _send(template: str, subject: str, to: str, context: Mapping[str, Any]) -> None:
    send_mail(subject, _render(template, context), settings.DEFAULT_FROM_EMAIL, [to])


def _render(template: str, context: Mapping[str, Any]) -> str:
    return render_to_string(f"mail/{template}.txt", {**context, "base_url": settings.BASE_URL})
