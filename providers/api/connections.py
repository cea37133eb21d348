"""/users/{user_id}/connections and /connect-link: who is connected, why it does not work, and ending it."""

from http import HTTPStatus

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from providers.api.schema import cloud_examples as examples
from providers.api.schema import cloud_shapes as shapes
from providers.connections import connect, diagnosis, lifecycle
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors

TAGS = ["Connections"]


class ConnectionsView(EndUserView):
    @extend_schema(
        operation_id="list_connections",
        tags=TAGS,
        summary="List connections",
        description=(
            "A bare array, by provider; ended ones too. status: active; expired (the user must connect again); revoked "
            "(ended by you, the user or the provider); error (it is tried again and again, see reason and diagnosis)."
        ),
        responses={200: OpenApiResponse(shapes.ConnectionSerializer(many=True), examples=[examples.CONNECTIONS])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        """List all connections of the user, who has at most one a provider."""
        return Response(shapes.ConnectionSerializer(lifecycle.list_connections(self.end_user), many=True).data)


class ConnectionView(EndUserView):
    @extend_schema(
        operation_id="disconnect_provider",
        tags=TAGS,
        summary="Disconnect a provider",
        description=(
            "Tokens are destroyed and nothing comes any more; the grant is given back to the provider within moments. "
            "Data that were stored stay."
        ),
        responses={204: OpenApiResponse(None, description="Disconnected.")},
    )
    def delete(self, request: Request, user_id: str, provider: str) -> Response:
        connect.disconnect(self.end_user, provider, actor=self.actor, reason="api_disconnected")
        return Response(status=HTTPStatus.NO_CONTENT)


class DiagnosisView(EndUserView):
    """GET /users/{user_id}/connections/{provider}/diagnosis."""

    @extend_schema(
        operation_id="diagnose_connection",
        tags=TAGS,
        summary="Diagnose a connection",
        description=(
            "Looks at credentials, connection, token, scopes, last sync, last event, subscription, quota and last "
            "error, without a call to the provider. Each check has a code, plain words and a next step."
        ),
        responses={200: OpenApiResponse(shapes.ConnectionDiagnosisSerializer, examples=[examples.DIAGNOSIS])},
    )
    def get(self, request: Request, user_id: str, provider: str) -> Response:
        found = diagnosis.diagnose(lifecycle.find(self.end_user, provider))
        return Response(shapes.ConnectionDiagnosisSerializer(found).data)


class ConnectLinkView(EndUserView):
    """A link to the hosted page."""

    @extend_schema(
        operation_id="create_connect_link",
        tags=TAGS,
        summary="Make a connect link",
        description=(
            "A link to a page where this user connects and disconnects providers, without a sign-in, for 15 minutes."
        ),
        request=shapes.ConnectLinkOrderSerializer,
        examples=[examples.RETURN],
        responses={201: OpenApiResponse(shapes.ConnectLinkSerializer, examples=[examples.LINK]), **errors(400)},
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Return a connect link, which is signed and not stored."""
        values = bodies.read(shapes.ConnectLinkOrderSerializer, request)
        made = connect.create_link(self.end_user, self.organization, values.get("redirect_uri", ""))
        return Response({"url": made.url, "expires_at": made.expires_at}, status=HTTPStatus.CREATED)
