"""/organization: the caller's own organization."""

from http import HTTPStatus

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import sdk_tokens
from accounts.api.auth import DashboardView
from accounts.api.serializers import OrganizationSerializer
from accounts.organization import organizations
from wearlink.lib.api import bodies
from wearlink.lib.api.etags import ETagMixin
from wearlink.lib.api.openapi import errors

EXAMPLE = {
    "id": "0b5a3f5e-51a5-4b43-8e5f-1d6d2a3b9c10",
    "name": "Example",
    "time_zone": "Europe/Paris",
    "logo_url": None,
    "privacy_url": "https://app.example.com/privacy",
    "redirect_addresses": ["https://app.example.com/connected"],
    "settings": {"source_priority": {"steps": ["watch", "ring", "phone"]}},
    "plan": "hobby",
    "limits": {
        "requests_per_minute": 6000,
        "photos_per_day": 20,
        "end_users": 10000,
        "webhook_endpoints": 50,
        "team_seats": 10,
    },
    "created_at": "2026-04-23T10:00:00Z",
    "updated_at": "2026-04-23T10:00:00Z",
}


class OrganizationDetail(ETagMixin, DashboardView):
    """GET and PATCH /organization."""

    @extend_schema(
        operation_id="organization_get",
        summary="Get the organization",
        tags=["Team"],
        responses=OrganizationSerializer,
        examples=[OpenApiExample("Organization", value=EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Return the caller's organization."""
        return Response(OrganizationSerializer(self.organization).data)

    @extend_schema(
        operation_id="organization_update",
        summary="Change the organization",
        description="Owners and admins. Settings are merged by name. End users see name, logo and privacy_url on the "
        "connect page.",
        tags=["Team"],
        request=OrganizationSerializer(partial=True),
        responses={200: OrganizationSerializer, **errors(403)},
        examples=[
            OpenApiExample("Change", value={"time_zone": "Europe/Paris"}, request_only=True),
            OpenApiExample("Organization", value=EXAMPLE, response_only=True),
        ],
    )
    def patch(self, request: Request) -> Response:
        changes = bodies.read(OrganizationSerializer, request, partial=True)
        row = organizations.update(self.caller.developer, changes, actor=self.actor)
        return Response(OrganizationSerializer(row).data)


class OrganizationSdkTokens(DashboardView):
    """DELETE /organization/sdk-tokens."""

    managing = frozenset({"DELETE"})

    @extend_schema(
        operation_id="organization_sdk_tokens_withdraw",
        summary="Withdraw all SDK tokens",
        description="Owners and admins. Ends every SDK token of the organization, for all end users: for the "
        "day on which an API key, or the server that asks for tokens, fell into wrong hands. Phones get 401 with code "
        "`token_withdrawn` and ask your server for new ones.",
        tags=["Team"],
        request=None,
        responses={204: OpenApiResponse(None, description="They are dead."), **errors(403)},
    )
    def delete(self, request: Request) -> Response:
        """End all tokens out there."""
        sdk_tokens.withdraw_all(self.organization, self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)
