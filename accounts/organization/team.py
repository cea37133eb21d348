"""Members of an organization and invitations to it."""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import audit, tasks
from accounts.metering import capacity
from accounts.models import Developer, Invitation, Organization, Role
from accounts.models.developer import fold_email
from accounts.organization import roles
from accounts.sign_in import second_factor, sessions
from accounts.sign_in.registration import EmailTaken, check_password_strength, save_new
from wearlink.lib import clock, tenancy
from wearlink.lib.errors import Conflict, InvalidInput, NotFound, TooManyRequests
from wearlink.lib.security import tokens
from wearlink.lib.security.tokens import LIFETIME, Purpose
from wearlink.lib.work.task_queue import enqueue

MAX_INVITATIONS_A_DAY, MAX_TO_ONE_A_DAY = 100, 3


class MemberNotFound(NotFound):
    """The organization has no such member."""

    default_code = "member_not_found"


class InvitationNotFound(NotFound):
    """The organization has no such open invitation."""

    default_code = "invitation_not_found"


@transaction.atomic
def change_member(
    by: Developer, member_id: UUID, *, role: str | None, is_reviewer: bool | None, actor: audit.Actor
) -> Developer:
    """Give a member another role or reviewer flag. Raises MemberNotFound, Forbidden, LastOwner.

    Reviewers see the meals of all organizations, so only the platform's superusers make them.
    """
    roles.lock_owners(by.organization)
    member = _member(by.organization, member_id)
    roles.require_power_over(by, member.role)
    before = {"role": member.role, "is_reviewer": member.is_reviewer}
    if role is not None and role != member.role:
        roles.require_power_over(by, role)
        if member.role == Role.OWNER:
            roles.require_other_owner(by.organization, member)
        member.role = role
    if is_reviewer is not None and is_reviewer != member.is_reviewer:
        if not by.is_superuser:
            raise roles.Forbidden("Only the platform's administrators make reviewers.")
        member.is_reviewer = is_reviewer
    after = {"role": member.role, "is_reviewer": member.is_reviewer}
    if after != before:
        member.save(update_fields=["role", "is_reviewer"])
        data = {"before": before, "after": after}
        audit.record("member.updated", actor=actor, organization=by.organization, target=member, data=data)
    return member


@transaction.atomic
def remove_member(by: Developer, member_id: UUID, *, actor: audit.Actor) -> None:
    """Remove a member, or oneself; sessions end at once, keys stay. Raises MemberNotFound, Forbidden, LastOwner."""
    roles.lock_owners(by.organization)
    member = _member(by.organization, member_id)
    if member.pk != by.pk:
        roles.require_power_over(by, member.role)
    if member.role == Role.OWNER:
        roles.require_other_owner(by.organization, member)
    target = str(member.pk)
    with tenancy.platform():  # reviews and tickets of others may name the member
        member.delete()
    audit.record("member.removed", actor=actor, organization=by.organization, target=target)


@transaction.atomic
def remove_second_factor(by: Developer, member_id: UUID, *, actor: audit.Actor) -> Developer:
    """Let a member who has lost it sign in by password again; their sessions end.

    Only owners may, and nobody's who works for the platform. Raises MemberNotFound, Forbidden, Conflict for oneself.
    """
    member = _member(by.organization, member_id)
    if by.role != Role.OWNER:
        raise roles.Forbidden("Only owners remove a member's second factor.")
    if member.pk == by.pk:
        raise Conflict("Another owner must do this for you.", code="own_second_factor")
    if member.is_superuser or member.is_reviewer:
        raise roles.Forbidden("Only the platform's administrators do this for one of theirs.")
    second_factor.remove(member, actor)
    sessions.end_sessions(member)
    return member


@transaction.atomic
def invite(by: Developer, *, email: str, role: str, actor: audit.Actor) -> Invitation:
    """Invite somebody by mail.

    Raises Forbidden, PlanLimitReached, EmailTaken for somebody with an account, Conflict for a second invitation.
    """
    roles.require_power_over(by, role)
    roles.lock_owners(by.organization)
    capacity.require_seat(by.organization)
    email = fold_email(email)
    with tenancy.platform():  # an address has one account, whosever it is
        taken = Developer.objects.by_email(email).exists()
    if taken:
        raise EmailTaken
    if Invitation.objects.for_organization(by.organization).open().filter(email=email).exists():
        raise Conflict("An invitation to this address is already open.", code="already_invited")
    _require_few(by.organization, email)
    invitation = Invitation.objects.create(
        organization=by.organization,
        email=email,
        role=role,
        invited_by=by,
        expires_at=clock.now() + timedelta(seconds=LIFETIME[Purpose.INVITATION]),
    )
    data = {"role": role}
    audit.record("invitation.created", actor=actor, organization=by.organization, target=invitation, data=data)
    enqueue(tasks.send_invitation.name, str(invitation.pk))
    return invitation


def _require_few(organization: Organization, email: str) -> None:
    """Mails go out in our name, so there is a bound a day. Raises TooManyRequests."""
    made = Invitation.objects.for_organization(organization).filter(created_at__gt=clock.now() - timedelta(days=1))
    if made.count() >= MAX_INVITATIONS_A_DAY or made.filter(email=email).count() >= MAX_TO_ONE_A_DAY:
        raise TooManyRequests("Too many invitations today. Please try again tomorrow.", retry_after=3600)


@transaction.atomic
def revoke(by: Developer, invitation_id: UUID, *, actor: audit.Actor) -> None:
    """Withdraw an open invitation. Raises Forbidden, InvitationNotFound."""
    roles.require_manager(by)
    rows = Invitation.objects.for_organization(by.organization).open().filter(pk=invitation_id)
    if not rows.update(revoked_at=clock.now()):
        raise InvitationNotFound("No such open invitation.")
    audit.record("invitation.revoked", actor=actor, organization=by.organization, target=str(invitation_id))


def accept(token: str, *, name: str, password: str) -> Developer:
    """Join by a mailed token, which also proves the address.

    Raises InvalidInput on "token" or "password", EmailTaken.
    """
    invitation = invited(token)
    newcomer = Developer(
        organization=invitation.organization,
        email=invitation.email,
        name=name,
        role=invitation.role,
        email_verified_at=clock.now(),
    )
    check_password_strength(password, newcomer)
    newcomer.password = make_password(password)
    with transaction.atomic():
        if not Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=clock.now()):
            raise _spent()
        save_new(newcomer)
        actor = audit.developer(newcomer)
        organization: Organization = invitation.organization
        audit.record("invitation.accepted", actor=actor, organization=organization, target=invitation)
    return newcomer


def invited(token: str) -> Invitation:
    """Return the open invitation of a mailed token. Raises InvalidInput on "token"."""
    try:
        claims = tokens.read(token, Purpose.INVITATION)
    except tokens.InvalidToken as error:
        raise InvalidInput.on("token", "is not valid or has expired.", code=error.code) from error
    invitation = (
        Invitation.objects.open().select_related("organization", "invited_by").filter(pk=claims.subject).first()
    )
    if invitation is None:
        raise _spent()
    return invitation


def _spent() -> InvalidInput:
    return InvalidInput.on("token", "the invitation was accepted or withdrawn.", code="invalid_token")


def _member(organization: Organization, member_id: UUID) -> Developer:
    member = Developer.objects.for_organization(organization).select_for_update().filter(pk=member_id).first()
    if member is None:
        raise MemberNotFound("No such member.")
    return member
