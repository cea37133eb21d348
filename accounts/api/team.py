"""/organization/members and /organization/invitations."""

from http import HTTPStatus
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import serializers
from accounts.api.auth import DEVELOPER, DashboardView, PublicView
from accounts.api.throttle import RESET, throttle
from accounts.models import Developer, Invitation
from accounts.organization import roles, team
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import PageQuery

TAGS = ["Team"]
PAGINATION = {"page": 1, "limit": 20, "total_count": 1, "total_pages": 1, "has_more": False}
MEMBER = {
    "id": "9a7b1f1e-2f3c-4f0e-a1aa-4c1d5b0f6c77",
    "email": "bob@example.com",
    "name": "Bob",
    "role": "member",
    "is_reviewer": False,
    "last_login": None,
    "created_at": "2026-04-23T10:00:00Z",
}
INVITATION = {
    "id": "c0a80101-3f0f-4b5e-8a2b-2b8f4a1d9e55",
    "email": "dora@example.com",
    "role": "admin",
    "created_at": "2026-04-23T10:00:00Z",
    "expires_at": "2026-04-30T10:00:00Z",
}


class Members(DashboardView):
    """GET /organization/members."""

    query_class = PageQuery

    @extend_schema(
        operation_id="members_list",
        summary="List members",
        tags=TAGS,
        responses=serializers.TeamMemberPage,
        examples=[OpenApiExample("Members", value={"data": [MEMBER], "pagination": PAGINATION}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """List the organization's members in the order of joining."""
        rows = Developer.objects.for_organization(self.organization)
        return self.paginated(rows, lambda found: serializers.TeamMemberSerializer(found, many=True).data)


class Member(DashboardView):
    """PATCH and DELETE /organization/members/{member_id}."""

    @extend_schema(
        operation_id="members_update",
        summary="Change a member's role or reviewer flag",
        description=(
            "Owners and admins; only owners make and unmake owners. The last owner keeps the role. is_reviewer opens "
            "the platform's review queue, so only its administrators may change it."
        ),
        tags=TAGS,
        request=serializers.TeamMemberChangesSerializer,
        responses={200: serializers.TeamMemberSerializer, **errors(403, 409)},
        examples=[
            OpenApiExample("Change", value={"role": "admin"}, request_only=True),
            OpenApiExample("Member", value=MEMBER, response_only=True),
        ],
    )
    def patch(self, request: Request, member_id: UUID) -> Response:
        values = bodies.read(serializers.TeamMemberChangesSerializer, request)
        member = team.change_member(
            self.caller.developer,
            member_id,
            role=values.get("role"),
            is_reviewer=values.get("is_reviewer"),
            actor=self.actor,
        )
        return Response(serializers.TeamMemberSerializer(member).data)

    @extend_schema(
        operation_id="members_remove",
        summary="Remove a member",
        description="Owners and admins remove others; everybody but the last owner may leave. Sessions end at once.",
        tags=TAGS,
        responses={204: None, **errors(403, 409)},
    )
    def delete(self, request: Request, member_id: UUID) -> Response:
        team.remove_member(self.caller.developer, member_id, actor=self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)


class Invitations(DashboardView):
    """GET and POST /organization/invitations."""

    query_class = PageQuery

    @extend_schema(
        operation_id="invitations_list",
        summary="List open invitations",
        tags=TAGS,
        responses={200: serializers.InvitationPage, **errors(403)},
        examples=[OpenApiExample("Open", value={"data": [INVITATION], "pagination": PAGINATION}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """List the open invitations: neither accepted, nor revoked, nor expired."""
        roles.require_manager(self.caller.developer)
        rows = Invitation.objects.for_organization(self.organization).open()
        return self.paginated(rows, lambda found: serializers.InvitationSerializer(found, many=True).data)

    @extend_schema(
        operation_id="invitations_create",
        summary="Invite somebody",
        description="Owners and admins. Sends a mail with a token that is valid for seven days.",
        tags=TAGS,
        request=serializers.InviteMemberSerializer,
        responses={201: serializers.InvitationSerializer, **errors(403, 409)},
        examples=[
            OpenApiExample("Invite", value={"email": "dora@example.com", "role": "admin"}, request_only=True),
            OpenApiExample("Invitation", value=INVITATION, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        values = bodies.read(serializers.InviteMemberSerializer, request)
        made = team.invite(self.caller.developer, email=values["email"], role=values["role"], actor=self.actor)
        return Response(serializers.InvitationSerializer(made).data, status=HTTPStatus.CREATED)


class InvitationDetail(DashboardView):
    """DELETE /organization/invitations/{invitation_id}."""

    @extend_schema(
        operation_id="invitations_revoke",
        summary="Withdraw an invitation",
        tags=TAGS,
        responses={204: None, **errors(403)},
    )
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Withdraw an open invitation."""
        team.revoke(self.caller.developer, invitation_id, actor=self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)


class AcceptInvitation(PublicView):
    """POST /organization/invitations/accept."""

    @extend_schema(
        operation_id="invitations_accept",
        summary="Accept an invitation",
        description="With the token of the mail. Creates the account; sign in afterwards.",
        tags=TAGS,
        request=serializers.AcceptInvitationSerializer,
        responses={201: serializers.DeveloperSerializer, **errors(409, 503)},
        examples=[
            OpenApiExample(
                "Accept",
                value={"token": "eyJhbGciOi…", "name": "Dora", "password": "a long passphrase"},
                request_only=True,
            ),
            OpenApiExample("Developer", value=DEVELOPER, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        throttle(request, "accept", RESET)
        values = bodies.read(serializers.AcceptInvitationSerializer, request)
        newcomer = team.accept(values["token"], name=values["name"], password=values["password"])
        return Response(serializers.DeveloperSerializer(newcomer).data, status=HTTPStatus.CREATED)
