"""/developer/api-keys. In paths a key may be given whole or by its beginning."""

from http import HTTPStatus

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import keys
from accounts.api import serializers
from accounts.api.auth import DashboardView
from accounts.api.team import PAGINATION
from accounts.models import ApiKey
from accounts.replies import idempotent_secret
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import PageQuery

TAGS = ["API keys"]
LISTED_LENGTH = len("sk-") + keys.PUBLIC_LENGTH
LISTED = {
    "id": "sk-a1b2c3d4",
    "name": "Production server",
    "created_at": "2026-04-23T10:00:00Z",
    "last_used_at": "2026-04-24T08:30:00Z",
}
MINTED = OpenApiExample(
    "Created",
    value={"id": "sk-a1b2c3d4e5f6…", "name": "Production server", "created_at": "2026-04-23T10:00:00Z"},
    response_only=True,
)


class ApiKeys(DashboardView):
    """GET and POST /developer/api-keys."""

    query_class = PageQuery
    managing = frozenset({"POST"})

    @extend_schema(
        operation_id="api_keys_list",
        summary="List API keys",
        description="The id is the beginning of the key; the whole key is shown only when it is made.",
        tags=TAGS,
        responses=serializers.ApiKeyPage,
        examples=[OpenApiExample("Keys", value={"data": [LISTED], "pagination": PAGINATION}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """List the live keys, oldest first."""
        rows = ApiKey.objects.for_organization(self.organization).live()
        return self.paginated(rows, lambda found: serializers.ApiKeySerializer(found, many=True).data)

    @extend_schema(
        operation_id="api_keys_create",
        summary="Create an API key",
        description="Owners and admins. The id in the answer is the whole key, shown this once.",
        tags=TAGS,
        request=serializers.ApiKeyNameSerializer,
        responses={201: serializers.MintedKeySerializer, **errors(403)},
        examples=[OpenApiExample("Name", value={"name": "Production server"}, request_only=True), MINTED],
    )
    @idempotent_secret("id", LISTED_LENGTH)
    def post(self, request: Request) -> Response:
        developer = self.caller.developer
        name = bodies.read(serializers.ApiKeyNameSerializer, request)["name"]
        made = keys.create(organization=self.organization, name=name, actor=self.actor, created_by=developer)
        return Response(serializers.MintedKeySerializer(made).data, status=HTTPStatus.CREATED)


class RotateApiKey(DashboardView):
    """POST /developer/api-keys/{key_id}/rotate."""

    managing = frozenset({"POST"})

    @extend_schema(
        operation_id="api_keys_rotate",
        summary="Replace an API key",
        description="Owners and admins. The old key stops working at once; the answer shows the new one this once.",
        tags=TAGS,
        request=None,
        responses={201: serializers.MintedKeySerializer, **errors(403)},
        examples=[MINTED],
    )
    @idempotent_secret("id", LISTED_LENGTH)
    def post(self, request: Request, key_id: str) -> Response:
        """Replace the key by a new one of the same name."""
        bodies.read(bodies.NoFields, request)
        developer = self.caller.developer
        made = keys.rotate(
            organization=self.organization,
            public_id=keys.public_part(key_id),
            actor=self.actor,
            created_by=developer,
        )
        return Response(serializers.MintedKeySerializer(made).data, status=HTTPStatus.CREATED)


class ApiKeyDetail(DashboardView):
    """DELETE /developer/api-keys/{key_id}."""

    managing = frozenset({"DELETE"})

    @extend_schema(
        operation_id="api_keys_delete",
        summary="Delete an API key",
        description="Owners and admins. The key stops working at once, for good.",
        tags=TAGS,
        responses={204: None, **errors(403)},
    )
    def delete(self, request: Request, key_id: str) -> Response:
        keys.delete(organization=self.organization, public_id=keys.public_part(key_id), actor=self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)
