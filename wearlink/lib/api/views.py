"""TenantView, the base of every endpoint: knows the caller, counts the call, refuses undeclared parameters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol, TypeVar, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from wearlink.lib import tenancy
from wearlink.lib.api import compression, queries, rendering
from wearlink.lib.api.callers import API_KEY, DASHBOARD, SDK
from wearlink.lib.api.openapi import TenantSchema
from wearlink.lib.api.pagination import by_page, cut
from wearlink.lib.api.rendering import NEGOTIATOR, ByContentType
from wearlink.lib.errors import Unauthorized, UnsupportedMedia
from wearlink.lib.valkey import ratelimit

Row = TypeVar("Row")
VARY = "Authorization, X-WearLink-API-Key"
NAMES = {
    API_KEY: "an API key in X-WearLink-API-Key",
    DASHBOARD: "a dashboard token (Authorization: Bearer …)",
    SDK: "an SDK token of this user (Authorization: Bearer …)",
}


class CallerLike(Protocol):
    """The attributes of accounts.authentication.Caller that this module needs."""

    kind: str
    organization: Any

    @property
    def bucket(self) -> str:
        """The name of the rate limit's counter."""

    @property
    def requests_per_minute(self) -> int | None:
        """The rate limit; None: no limit."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a view that the framework would make again for every request."""

    parsers: Sequence[BaseParser]
    authenticators: Sequence[BaseAuthentication]
    allow: str


_PARTS: dict[tuple[type, frozenset[str]], Parts] = {}


def _parts(view: "TenantView") -> Parts:
    key = (type(view), view.admitted)
    found = _PARTS.get(key)
    if found is None:
        allow = ", ".join(view.allowed_methods)
        found = _PARTS[key] = Parts(view.get_parsers(), view.get_authenticators(), allow)
    return found


class TenantView(APIView):
    """An endpoint that only works inside the caller's organization.

    callers: who may call (API_KEY, DASHBOARD, SDK); an empty set is a public endpoint.
    writers: who may call the methods that write, where that differs.
    query_class: declares the query parameters of GET; query_classes of other methods, by name ("POST").
    judges_encoding: takes bodies with a Content-Encoding.
    is_hidden: a caller without the right gets the answer of a path that is no route (accounts.api.platform).
    """

    callers: ClassVar[frozenset[str]] = frozenset({API_KEY, DASHBOARD})
    writers: ClassVar[frozenset[str] | None] = None
    query_class: ClassVar[type[Serializer[Any]] | None] = None
    query_classes: ClassVar[Mapping[str, type[Serializer[Any]]]] = {}
    is_hidden: ClassVar[bool] = False
    judges_encoding: ClassVar[bool] = False
    content_negotiation_class = ByContentType
    permission_classes = ()
    schema = TenantSchema()
    default_response_headers: ClassVar[dict[str, str]] = {}  # finalize_response sets them
    request: Request
    _method = ""

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Return only the authenticators of the admitted kinds of callers."""
        return [one for one in super().get_authenticators() if getattr(one, "kind", "") in self.admitted]

    @property
    def admitted(self) -> frozenset[str]:
        """The kinds of callers that may use the method of this request."""
        if self.writers is None:
            return self.callers
        return self.callers if self._method in SAFE_METHODS else self.writers

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Make the request as the framework does, with parts that are made once for all requests of a view."""
        self._method = request.method or ""
        parts = _parts(self)
        return Request(
            request,
            parsers=parts.parsers,
            authenticators=parts.authenticators,
            negotiator=NEGOTIATOR,
            parser_context=self.get_parser_context(request),
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Dispatch as the framework does; the tenant's scope in the database ends with the request."""
        with tenancy.kept():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, count, locate, then read the query: raises Unauthorized, TooManyRequests, InvalidInput.

        There is one format and one version, so neither is negotiated.
        """
        encoding = request.META.get("HTTP_CONTENT_ENCODING", "")
        if encoding and not self.judges_encoding and encoding.strip().lower() != "identity":
            raise UnsupportedMedia("Bodies of this call are sent as they are, unpacked.", code="unsupported_encoding")
        self.perform_authentication(request)
        self.check_permissions(request)
        self.check_throttles(request)
        if self.callers:
            self._admit(request)
        self.locate(**kwargs)
        self.query  # noqa: B018 (an unknown parameter is refused even where the view reads none)

    def paginated(self, rows: "QuerySet[Any, Row]", show: Callable[[Sequence[Row]], Any]) -> Response:
        """Answer the page of `rows` that the query asks for (PageQuery), each page as `show` makes it."""
        page, limit = self.query["page"], self.query["limit"]
        found = cut(rows, offset=(page - 1) * limit, limit=limit)
        return Response(by_page(show(found.rows), page=page, limit=limit, total=found.total))

    def locate(self, **kwargs: Any) -> None:
        """Find what the URL names; raises NotFound. Comes before the query, so that strangers learn nothing from it."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Write the answer as JSON, whatever Accept says: a browser or a careless client gets JSON, not 406."""
        if isinstance(response, Response):
            rendering.render(response)
        headers = response.headers
        headers["Allow"] = _parts(self).allow
        # X-WearLink-API-Key does not keep shared caches away as Authorization does.
        headers.setdefault("Cache-Control", "private, no-cache" if "ETag" in headers else "no-store")
        headers.setdefault("Vary", VARY)
        if isinstance(response, Response):
            compression.compress(request, response)
        return response

    def _admit(self, request: Request) -> None:
        if request.auth is None:
            accepted = " or ".join(NAMES[kind] for kind in (API_KEY, DASHBOARD, SDK) if kind in self.admitted)
            raise Unauthorized(f"This endpoint needs {accepted}.")
        caller = cast(CallerLike, request.auth)
        plain: HttpRequest = request._request
        ratelimit.charge(plain, caller.bucket, caller.requests_per_minute)
        tenancy.enter(caller.organization.pk)

    @classmethod
    def query_class_for(cls, method: str) -> type[Serializer[Any]] | None:
        """Return what declares a method's parameters; None: they are not looked at."""
        if method in SAFE_METHODS:
            return cls.query_class or queries.NoParameters
        return cls.query_classes.get(method)

    @cached_property
    def query(self) -> Mapping[str, Any]:
        query_class = self.query_class_for(self.request.method or "GET")
        return {} if query_class is None else queries.read(query_class, self.request.query_params)

    @property
    def caller(self) -> Any:
        return self.request.auth

    @property
    def organization(self) -> Any:
        return self.caller.organization

    @property
    def actor(self) -> Any:
        return self.caller.actor
