"""The team: members with their roles, and open invitations."""

from typing import Final
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpResponse
from django.urls import reverse

from accounts.api import serializers
from accounts.models import Developer, Invitation, Role
from accounts.organization import team
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.submissions import FormField, SubmittedForm
from wearlink.lib import tenancy
from wearlink.lib.api import bodies
from wearlink.lib.api.callers import DASHBOARD

ROLES: Final = (
    (Role.MEMBER.value, "Member: sees data, manages webhooks"),
    (Role.ADMIN.value, "Admin: also keys, team, providers, billing"),
    (Role.OWNER.value, "Owner: also makes and removes owners"),
)
MEMBERS: Final = "/api/v1/organization/members"
INVITATIONS: Final = "/api/v1/organization/invitations"
CALLS: Final = (
    ApiCall("GET", MEMBERS, "list members", caller=DASHBOARD),
    ApiCall("GET", "/api/v1/auth/me", "see who you are", caller=DASHBOARD),
    ApiCall("GET", INVITATIONS, "list invitations", caller=DASHBOARD),
    ApiCall(
        "POST", INVITATIONS, "invite somebody", {"email": "dora@example.com", "role": "member"},
        caller=DASHBOARD,
    ),
    ApiCall("DELETE", f"{INVITATIONS}/INVITATION_ID", "withdraw an invitation", caller=DASHBOARD),
    ApiCall("PATCH", f"{MEMBERS}/MEMBER_ID", "change a role", {"role": "admin"}, caller=DASHBOARD),
    ApiCall("DELETE", f"{MEMBERS}/MEMBER_ID", "remove a member", caller=DASHBOARD),
)  # fmt: skip


@page("GET", "POST", section="team")
def team_page(request: TenantRequest) -> HttpResponse:
    """Return members; for owners and admins invitations too."""
    form = SubmittedForm.of(request, _fields(request.developer))
    if form.is_sent:
        with form.judged():
            data = {"email": form.text("email"), "role": form.text("role")}
            values = form.read(serializers.InviteMemberSerializer, data)
            team.invite(request.developer, email=values["email"], role=values["role"], actor=request.actor)
        if form.is_accepted:
            return acts.done(request, f"An invitation is on its way to {values['email']}.", request.path)
    manages = request.developer.manages
    context = {
        "members": Developer.objects.for_organization(request.organization)
        .select_related("second_factor")
        .order_by("created_at"),
        "invitations": Invitation.objects.for_organization(request.organization).open() if manages else [],
        "form": form,
        "roles": _offered(request.developer),
        "seats": request.organization.max_team_seats,
        "calls": CALLS if manages else CALLS[:2],
    }
    return show(request, "account/team", "Team", context, status=form.status)


@page("POST", section="team")
def change_role(request: TenantRequest, member_id: UUID) -> HttpResponse:
    """Give a member another role."""
    if not Developer.objects.for_organization(request.organization).filter(pk=member_id).exists():
        raise team.MemberNotFound("No such member.")

    def do() -> Developer:
        data = {"role": request.POST.get("role", "")}
        role = bodies.validate(serializers.TeamMemberChangesSerializer(data=data))["role"]
        return team.change_member(request.developer, member_id, role=role, is_reviewer=None, actor=request.actor)

    return acts.carry_out(request, do, lambda row: f"{row.email} is now {row.role}.", reverse("dashboard:team"))


@page("POST", section="team")
def remove(request: TenantRequest, member_id: UUID) -> HttpResponse:
    """Remove a member; somebody who leaves is signed out."""
    leaves = member_id == request.developer.pk

    def do() -> None:
        team.remove_member(request.developer, member_id, actor=request.actor)
        if leaves:
            with tenancy.platform():  # sessions are no tenant's
                logout(request)

    to = reverse("dashboard:login" if leaves else "dashboard:team")
    words = "You have left the organization." if leaves else "The member was removed; their sessions ended."
    return acts.carry_out(request, do, lambda _: words, to, audited=not leaves)


@page("POST", section="team", managers=True)
def withdraw(request: TenantRequest, invitation_id: UUID) -> HttpResponse:
    return acts.carry_out(
        request,
        lambda: team.revoke(request.developer, invitation_id, actor=request.actor),
        lambda _: "The invitation was withdrawn; its link works no more.",
        reverse("dashboard:team"),
    )


def _offered(developer: Developer) -> list[tuple[str, str]]:
    """Return the roles to choose from; only owners may make owners."""
    return [one for one in ROLES if one[0] != Role.OWNER or developer.role == Role.OWNER]


def _fields(developer: Developer) -> list[FormField]:
    return [
        FormField("email", "E-mail address", "email", "The link in the mail is good for seven days.", required=True),
        FormField("role", "Role", "select", choices=_offered(developer), required=True),
    ]
