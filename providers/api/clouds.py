"""GET /providers, /meta/coverage, /providers/{provider}/settings and /authorize."""

from http import HTTPStatus
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.api.auth import DashboardView
from accounts.api.views import EndUserView
from providers import coverage, registry
from providers.api.schema import cloud_examples as examples
from providers.api.schema import cloud_shapes as shapes
from providers.connections import connect, oauth, own_apps
from providers.contract import CloudProvider
from providers.vendor_api import credentials
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import whole
from wearlink.lib.api.views import TenantView

TAGS = ["Providers"]


class ProvidersView(TenantView):
    @extend_schema(
        operation_id="list_providers",
        tags=TAGS,
        summary="List providers",
        description="Every provider, whether your users can connect it, and what it delivers. All in one answer.",
        responses={200: OpenApiResponse(shapes.ProvidersSerializer, examples=[examples.PROVIDERS])},
    )
    def get(self, request: Request) -> Response:
        """List all providers by slug."""
        configured = credentials.configured_slugs(self.organization.pk)
        data = [coverage.describe(provider, configured) for provider in registry.providers().values()]
        return Response(whole(data))


class CoverageView(TenantView):
    @extend_schema(
        operation_id="get_coverage",
        tags=["Catalogue"],
        summary="Which provider delivers what",
        description="Derived from the tables the adapters read with.",
        responses={200: OpenApiResponse(shapes.CoverageTableSerializer, examples=[examples.TABLE])},
    )
    def get(self, request: Request) -> Response:
        """List what providers deliver, by provider and by series."""
        return Response(coverage.coverage_table())


class CloudView(DashboardView):
    """Base of what names a vendor's cloud in its path."""

    provider: CloudProvider

    def locate(self, **kwargs: Any) -> None:
        """Set self.provider. Raises UnknownProvider."""
        self.provider = credentials.get_cloud(str(kwargs["provider"]))


class ProviderSettingsView(CloudView):
    @extend_schema(
        operation_id="get_provider_settings",
        tags=TAGS,
        summary="Show your credentials for a provider",
        description="Owners and admins. Secrets are masked. 404 where the platform's credentials are used.",
        responses={200: OpenApiResponse(shapes.ProviderAppSerializer, examples=[examples.APP]), **errors(403)},
    )
    def get(self, request: Request, provider: str) -> Response:
        return Response(shapes.shown_app(own_apps.find(self.caller.developer, self.provider)))

    @extend_schema(
        operation_id="put_provider_settings",
        tags=TAGS,
        summary="Enter your credentials for a provider",
        description=(
            "Owners and admins. From now on new connections of your users are made with them. Another client id "
            "expires the connections made with the former one, since their grants cannot be renewed."
        ),
        request=shapes.ProviderAppInputSerializer,
        examples=[examples.ENTER],
        responses={200: OpenApiResponse(shapes.ProviderAppSerializer, examples=[examples.APP]), **errors(403)},
    )
    def put(self, request: Request, provider: str) -> Response:
        """Store the credentials of the organization's own app."""
        serializer = shapes.ProviderAppInputSerializer(data=request.data)
        bodies.validate(serializer)
        row = own_apps.save(self.caller.developer, self.provider, serializer.entered(), actor=self.actor)
        return Response(shapes.shown_app(row))

    @extend_schema(
        operation_id="delete_provider_settings",
        tags=TAGS,
        summary="Remove your credentials for a provider",
        description="Owners and admins. Connections made with them expire with reason credentials_removed.",
        responses={204: OpenApiResponse(None, description="Removed."), **errors(403)},
    )
    def delete(self, request: Request, provider: str) -> Response:
        own_apps.remove(self.caller.developer, self.provider, actor=self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)


class AuthorizeView(EndUserView):
    """The way to the vendor."""

    query_class: ClassVar[type[Serializer[Any]]] = shapes.AuthorizeQuery
    provider: CloudProvider

    def locate(self, **kwargs: Any) -> None:
        """Set self.provider; raises UnknownProvider. The user is in the query."""
        self.provider = credentials.get_cloud(str(kwargs["provider"]))

    @extend_schema(
        operation_id="authorize_provider",
        tags=TAGS,
        summary="Begin to connect a provider",
        description=(
            "Answers an address of ours to open in the end user's browser; it leads on to the vendor's page. After the "
            "end user agrees there, the same browser comes back to /v1/providers/{provider}/callback, where a page "
            "asks whether your organization shall get the data, and from there goes to `redirect_uri` with "
            "`?provider=…&status=connected`, or with `?provider=…&error=code` (access_denied, vendor_refused, "
            "vendor_unavailable, vendor_error). The first sync starts at once.\n\n"
            "`redirect_uri` must equal one of the organization's `redirect_addresses`; one of these that is only an "
            "origin, such as https://app.example.com, allows every path below it."
        ),
        responses={
            200: OpenApiResponse(shapes.AuthorizationUrlSerializer, examples=[examples.AUTHORIZATION]),
            **errors(404, 501),
        },
    )
    def get(self, request: Request, provider: str) -> Response:
        """Store a state for ten minutes, and return the address that begins the sign-in."""
        user = self._resolve(str(self.query["user_id"]))
        back = self.query.get("redirect_uri", "")
        if back:
            connect.require_allowed(self.organization, back)
        authorization = oauth.begin(
            credentials.require_app(self.organization.pk, self.provider), user, redirect_uri=back
        )
        return Response({"authorization_url": authorization.url, "state_expires_at": authorization.expires_at})
