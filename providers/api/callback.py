"""GET /v1/providers/{provider}/callback: a browser that comes back from a vendor."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from providers.connections import connect
from providers.connections.oauth import BadState
from providers.vendor_api import credentials
from providers.widget import pages
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.views import TenantView


def _query(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.QUERY, description=description)


class CallbackView(TenantView):
    """The redirect address that vendors' screens are given. Answers pages and redirects, never data."""

    callers: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def query_class_for(cls, method: str) -> None:
        """Vendors add parameters of their own."""
        return

    @extend_schema(
        operation_id="provider_callback",
        tags=["Connections"],
        summary="Come back from a vendor",
        description=(
            "Opened by the end user's browser. A state works once, for ten minutes. Goes on to the address given to "
            "GET /providers/{provider}/authorize, or shows a page that says how it went."
        ),
        parameters=[
            _query("state", "As it was sent along."),
            _query("code", "What the grant is exchanged for."),
            _query("error", "Why the vendor gave none."),
        ],
        responses={
            (200, "text/html"): OpenApiResponse(str, description="A page that says how it went."),
            302: OpenApiResponse(None, description="To the app, with provider and status or error in the query."),
            (400, "text/html"): OpenApiResponse(
                str, description="The state is not valid, or the vendor gave no grant."
            ),
            **errors(404),
        },
    )
    def get(self, request: Request, provider: str) -> Any:
        """Finish what was begun."""
        plain = request._request
        name = credentials.get_cloud(provider).name
        try:
            outcome = connect.handle_callback(provider, plain.GET.dict())
        except BadState as error:
            return pages.result(plain, name, error.code, status=HTTPStatus.BAD_REQUEST)
        if outcome.location:
            return pages.away(outcome.location)
        return pages.result(plain, name, outcome.code, status=HTTPStatus.BAD_REQUEST if outcome.code else HTTPStatus.OK)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Pages go out as they are."""
        if isinstance(response, HttpResponse) and not hasattr(response, "data"):
            return response
        return super().finalize_response(request, response, *args, **kwargs)
