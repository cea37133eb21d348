"""/v1/providers/{provider}/callback: a browser comes back from a vendor, and is asked before anything is kept."""

from http import HTTPStatus
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import FormParser
from rest_framework.request import Request

from providers.connections import browser, connect
from providers.connections.oauth import BadState
from providers.vendor_api import credentials
from providers.widget import once, pages
from wearlink.lib.api.errors import page
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.views import TenantView
from wearlink.lib.web.pages import is_for_a_browser


def _query(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.QUERY, description=description)


PARAMETERS: Final = [
    _query("state", "As it was sent along."),
    _query("code", "What the grant is exchanged for."),
    _query("error", "Why the vendor gave none."),
]
DECISION: Final = {
    "type": "string",
    "enum": ["give", "keep"],
    "description": "Whether the vendor's account is given over, or stays where it is.",
}


class CallbackView(TenantView):
    """The redirect address that vendors' screens are given. Answers pages and redirects, never data."""

    callers: ClassVar[frozenset[str]] = frozenset()
    parser_classes = (FormParser,)

    @classmethod
    def query_class_for(cls, method: str) -> None:
        """Vendors add parameters of their own."""
        return

    @extend_schema(
        operation_id="provider_callback",
        tags=["Connections"],
        summary="Come back from a vendor",
        description=(
            "Opened by the end user's browser, which must be the one that set out. A state works once, for ten "
            "minutes. Where the vendor gave a grant, a page asks whether the organization shall get the data, and "
            "nothing is kept before that is answered. Without a grant it goes on to the address given to "
            "GET /providers/{provider}/authorize, or shows a page that says how it went."
        ),
        parameters=PARAMETERS,
        responses={
            (200, "text/html"): OpenApiResponse(str, description="The page that asks."),
            302: OpenApiResponse(None, description="To the app, with provider and error in the query."),
            (400, "text/html"): OpenApiResponse(
                str, description="The state is not valid or of another browser, or the vendor gave no grant."
            ),
            **errors(404),
        },
    )
    def get(self, request: Request, provider: str) -> Any:
        """Ask, or finish where there is nothing to ask."""
        plain = request._request
        name, query = credentials.get_cloud(provider).name, plain.GET.dict()
        if query.get("error") or not query.get("code"):
            return self._finish(plain, provider, query)
        state = query.get("state", "")
        try:
            question = connect.question(provider, state)
        except BadState as error:
            return pages.result(plain, name, error.code, status=HTTPStatus.BAD_REQUEST)
        if not browser.has_set_out(plain.COOKIES, state):
            return pages.result(plain, name, "other_browser", status=HTTPStatus.BAD_REQUEST)
        return pages.confirm(plain, name, question)

    @extend_schema(
        operation_id="provider_callback_confirm",
        tags=["Connections"],
        summary="Say whether the organization shall get the data",
        description="Sent by the page that asks, with the query that it was opened with.",
        parameters=PARAMETERS,
        request={"application/x-www-form-urlencoded": {"type": "object", "properties": {"decision": DECISION}}},
        responses={
            (200, "text/html"): OpenApiResponse(str, description="A page that says how it went."),
            302: OpenApiResponse(None, description="To the app, with provider and status or error in the query."),
            (400, "text/html"): OpenApiResponse(str, description="Nothing was connected."),
            **errors(404),
        },
    )
    def post(self, request: Request, provider: str) -> Any:
        """Exchange the code and keep the connection, or do not."""
        plain = request._request
        name, query = credentials.get_cloud(provider).name, plain.GET.dict()
        if not browser.has_set_out(plain.COOKIES, query.get("state", "")):
            return pages.result(plain, name, "other_browser", status=HTTPStatus.BAD_REQUEST)
        if plain.POST.get("decision") != "give":
            query["error"] = "access_denied"
        return self._finish(plain, provider, query)

    def _finish(self, request: HttpRequest, provider: str, query: dict[str, str]) -> HttpResponse:
        name = credentials.get_cloud(provider).name
        try:
            outcome = connect.handle_callback(provider, query)
        except BadState as error:
            return pages.result(request, name, error.code, status=HTTPStatus.BAD_REQUEST)
        if outcome.location:
            response = pages.away(outcome.location)
            if outcome.back_to_page:
                once.say(response, provider, outcome.code or once.CONNECTED)
        else:
            status = HTTPStatus.BAD_REQUEST if outcome.code else HTTPStatus.OK
            response = pages.result(request, name, outcome.code, status=status)
        browser.forget(response, query["state"])
        return response

    def handle_exception(self, exc: Exception) -> Any:
        """Answer a vendor's wrong address with a page for people."""
        answer = super().handle_exception(exc)
        plain = self.request._request
        return page(plain, answer.status_code, answer.data) if is_for_a_browser(plain) else answer

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Pages go out as they are."""
        if isinstance(response, HttpResponse) and not hasattr(response, "data"):
            return response
        return super().finalize_response(request, response, *args, **kwargs)
