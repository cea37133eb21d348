"""/webhooks/endpoints: creating, reading, changing, removing, and the secret."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.replies import idempotent_secret
from accounts.webhooks import signing
from accounts.webhooks.api import examples, shapes
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Endpoint
from wearlink.lib.api import bodies
from wearlink.lib.api.etags import ETagMixin
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import whole
from wearlink.lib.api.views import TenantView

TAGS = ["Webhooks"]


class EndpointView(TenantView):
    """Base of what concerns one endpoint; somebody else's looks like one that does not exist."""

    endpoint: Endpoint

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Set self.endpoint after TenantView's checks. Raises EndpointNotFound."""
        super().initial(request, *args, **kwargs)
        self.endpoint = lifecycle.find(self.organization, kwargs["endpoint_id"])


class Endpoints(TenantView):
    """GET and POST /webhooks/endpoints."""

    @extend_schema(
        operation_id="webhook_endpoints_list",
        summary="List webhook endpoints",
        description="Newest first. How many there may be is up to the plan.",
        tags=TAGS,
        responses=shapes.WebhookEndpointPage,
        examples=[examples.answer("Endpoints", {"data": [examples.ENDPOINT], "pagination": examples.WHOLE})],
    )
    def get(self, request: Request) -> Response:
        rows = Endpoint.objects.for_organization(self.organization)
        return Response(whole([shapes.WebhookEndpointSerializer(row).data for row in rows]))

    @extend_schema(
        operation_id="webhook_endpoints_create",
        summary="Create a webhook endpoint",
        description="`filter_types` names event types; a wildcard such as `workout.*` covers all of a group and "
        "grows with the catalogue. Without a filter the endpoint gets sessions, changes of state and groups. Events "
        "about reproductive health, alcohol and sexual activity are sent only where they are named.",
        tags=TAGS,
        request=shapes.WebhookEndpointInputSerializer,
        responses={201: shapes.CreatedWebhookEndpointSerializer, **errors(409, 503)},
        examples=[
            examples.asked("New", {name: examples.ENDPOINT[name] for name in ("url", "description", "filter_types")}),
            examples.answer("Created", {**examples.ENDPOINT, "secret": examples.SIGNED_WITH}),
        ],
    )
    @idempotent_secret("secret", len(signing.PREFIX))
    def post(self, request: Request) -> Response:
        values = bodies.read(shapes.WebhookEndpointInputSerializer, request)
        made = lifecycle.create(organization=self.organization, values=values, actor=self.actor)
        return Response(
            {**shapes.WebhookEndpointSerializer(made.endpoint).data, "secret": made.secret}, status=HTTPStatus.CREATED
        )


class EndpointDetail(ETagMixin, EndpointView):
    """GET, PATCH and DELETE /webhooks/endpoints/{endpoint_id}."""

    @extend_schema(
        operation_id="webhook_endpoints_get",
        summary="Get a webhook endpoint",
        tags=TAGS,
        responses=shapes.WebhookEndpointSerializer,
        examples=[examples.answer("Endpoint", examples.ENDPOINT)],
    )
    def get(self, request: Request, endpoint_id: str) -> Response:
        """Return one endpoint."""
        return Response(shapes.WebhookEndpointSerializer(self.endpoint).data)

    @extend_schema(
        operation_id="webhook_endpoints_update",
        summary="Change a webhook endpoint",
        description="`paused: true` stops new messages and drops what is on its way; `paused: false` makes it active "
        "again. Neither sends what was missed: see recover.",
        tags=TAGS,
        request=shapes.WebhookEndpointChangesSerializer,
        responses={200: shapes.WebhookEndpointSerializer, **errors(503)},
        examples=[
            examples.asked("Filter", {"filter_types": ["workout.*"]}),
            examples.asked("Pause", {"paused": True}),
            examples.answer("Endpoint", examples.ENDPOINT),
        ],
    )
    def patch(self, request: Request, endpoint_id: str) -> Response:
        """Change what the body names."""
        values = bodies.read(shapes.WebhookEndpointChangesSerializer, request)
        return Response(shapes.WebhookEndpointSerializer(lifecycle.update(self.endpoint, values, self.actor)).data)

    @extend_schema(
        operation_id="webhook_endpoints_delete",
        summary="Delete a webhook endpoint",
        description="What is on its way to it is dropped.",
        tags=TAGS,
        responses={204: None, **errors(503)},
    )
    def delete(self, request: Request, endpoint_id: str) -> Response:
        lifecycle.delete(self.endpoint, self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)


class EndpointSecret(EndpointView):
    """GET /webhooks/endpoints/{endpoint_id}/secret."""

    @extend_schema(
        operation_id="webhook_endpoints_secret",
        summary="Get the signing secret",
        description="For verifying messages. Reading it leaves an entry in the audit log.",
        tags=TAGS,
        responses={200: shapes.WebhookSecretSerializer, **errors(503)},
        examples=[examples.answer("Secret", {"secret": examples.SIGNED_WITH})],
    )
    def get(self, request: Request, endpoint_id: str) -> Response:
        return Response({"secret": lifecycle.secret(self.endpoint, self.actor)})


class RotateEndpointSecret(EndpointView):
    """POST /webhooks/endpoints/{endpoint_id}/secret/rotate."""

    @extend_schema(
        operation_id="webhook_endpoints_secret_rotate",
        summary="Replace the signing secret",
        description="Until the grace period ends every message is signed with both secrets, the new one first.",
        tags=TAGS,
        request=shapes.RotateSecretSerializer,
        responses={200: shapes.WebhookSecretSerializer, **errors(503)},
        examples=[
            examples.asked("A day", {"grace_seconds": 86400}),
            examples.answer("Secret", {"secret": examples.SIGNED_WITH}),
        ],
    )
    @idempotent_secret("secret", len(signing.PREFIX))
    def post(self, request: Request, endpoint_id: str) -> Response:
        values = bodies.read(shapes.RotateSecretSerializer, request)
        return Response({"secret": lifecycle.rotate(self.endpoint, values["grace_seconds"], self.actor)})
