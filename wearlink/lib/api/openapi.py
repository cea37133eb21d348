"""The parts that every endpoint's description shares, so that a view only states what is its own.

TenantSchema adds, from the view's attributes: the query parameters, who may call, the rate-limit headers, the errors
that follow from these, and Idempotency-Key and ETag where the view has them.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import append_meta
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from wearlink.lib.api import aliases
from wearlink.lib.api.bodies import hint
from wearlink.lib.api.callers import API_KEY
from wearlink.lib.api.words import FIELDS, PATHS, UUIDS

DESCRIPTIONS = {
    400: "Bad request: names the field and the fault.",
    401: "Missing or invalid API key or token.",
    403: "Your role does not allow this.",
    404: "Does not exist in your organization.",
    409: "Collides with something that exists.",
    410: "Was there, and will not be again.",
    413: "The body is larger than accepted.",
    415: "The content type is not accepted.",
    416: "Ends before the byte asked for.",
    422: "Well-formed, but cannot be carried out.",
    429: "Too many requests; Retry-After says when to come back.",
    501: "Needs a part that is not configured here.",
    503: "A part of the service is down; try again.",
}
EXAMPLES: Mapping[int, tuple[str, str]] = {
    400: ("invalid_input", "email: Enter a valid email address."),
    401: ("invalid_api_key", "The API key is not valid."),
    403: ("forbidden", "Only owners and admins may do this."),
    404: ("not_found", "Not found."),
    409: ("conflict", "An account with this email already exists"),
    410: ("gone", "This link was used before. Ask for a new export."),
    413: ("too_large", "The body is larger than accepted."),
    415: ("unsupported_media_type", 'Unsupported media type "text/plain" in request.'),
    416: ("range_not_satisfiable", "The archive has 734003 bytes."),
    422: ("unprocessable", "This Idempotency-Key was used for another request."),
    429: ("rate_limited", "Too many requests. Please wait 60 seconds and try again."),
    501: ("not_available", "Payments are not configured here."),
    503: ("unavailable", "The database does not answer. Please try again."),
}
# Not http.HTTPStatus(…).phrase: Python 3.13 renamed some, and the document must not depend on who generates it.
EXAMPLE_NAMES: Mapping[int, str] = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    409: "Conflict",
    410: "Gone",
    413: "Content too large",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    422: "Unprocessable content",
    429: "Too many requests",
    501: "Not implemented",
    503: "Service unavailable",
}
PAGING = frozenset({"page", "limit", "offset", "cursor"})  # described last: nobody thinks of them first
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


class FieldFaultSerializer(serializers.Serializer[Any]):
    """The fault of one field of a request."""

    field = serializers.CharField(help_text="Name of the field or parameter; nested names are joined by dots.")
    message = serializers.CharField()


class ApiErrorSerializer(serializers.Serializer[Any]):
    """The body of every error."""

    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="A stable word for programs.")
    errors = FieldFaultSerializer(  # type: ignore[assignment]  # a field, not the property
        many=True, required=False, help_text="What is wrong, field by field."
    )
    headers = serializers.DictField(child=serializers.CharField(), required=False, help_text="With 429: Retry-After.")
    existing_id = serializers.CharField(required=False, help_text="With 409: the id of what is there already.")
    request_id = serializers.CharField(required=False, help_text="Name it when you contact support.")


def errors(*statuses: int) -> dict[int, OpenApiResponse]:
    """Return documented error answers of these statuses, for extend_schema(responses={200: …, **errors(409)})."""
    return {status: error(status) for status in statuses}


def error(status: int, code: str = "", detail: str = "") -> OpenApiResponse:
    """Return one documented error answer with its example: of this code and sentence, else a usual one."""
    usual_code, usual_detail = EXAMPLES[status]
    code, detail = code or usual_code, detail or usual_detail
    value: dict[str, Any] = {"detail": detail, "code": code}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        value["headers"] = {"Retry-After": "60"}
    example = OpenApiExample(EXAMPLE_NAMES[status], value=value, status_codes=[str(status)], response_only=True)
    return OpenApiResponse(ApiErrorSerializer, description=DESCRIPTIONS[status], examples=[example])


def _header(name: str, description: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, location=OpenApiParameter.HEADER, description=description, **more)


RATE_HEADERS = [
    _header("X-RateLimit-Limit", "Calls a minute; 1000000 means no limit.", type=int, response=True),
    _header("X-RateLimit-Remaining", "Calls left in this minute.", type=int, response=True),
    _header("X-RateLimit-Reset", "When the minute ends, epoch seconds.", type=int, response=True),
]
IDEMPOTENCY_KEY = _header(
    "Idempotency-Key",
    "Any text of up to 255 characters. The same caller, key and body answer the first result again for 24 hours; "
    "a secret in it only by its beginning.",
    type={"type": "string", "minLength": 1, "maxLength": 255},
)
IF_NONE_MATCH = _header("If-None-Match", "The ETag you have; 304 if it is current.", type=str)
ETAG = _header("ETag", "Tag of this content.", type=str, response=[200, 304])


def _also(description: str, older: str) -> str:
    return f"{description} `{older}` is accepted, too.".strip()


class TenantSchema(AutoSchema):
    """Fills in what follows from a TenantView's attributes."""

    def get_override_parameters(self) -> list[Any]:
        """Query parameters, header parameters and response headers."""
        found: list[Any] = [*super().get_override_parameters(), *RATE_HEADERS]
        query_class = self._query_class()
        if query_class is not None and query_class().fields:
            found.append(query_class)
        if self._is_idempotent():
            found.append(IDEMPOTENCY_KEY)
        if self._has_etag():
            found += [IF_NONE_MATCH, ETAG]
        return found

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """Say of bodies that what is not described is refused (wearlink.lib.api.bodies)."""
        described = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        properties = described.get("properties", {})
        for name, schema in properties.items():
            if not schema.get("description"):
                properties[name] = append_meta(schema, {"description": self._words(FIELDS, name, serializer)})
        for older, name in aliases.of(serializer).items():
            properties[name]["description"] = _also(properties[name]["description"], older)
        if direction == "request" and not getattr(serializer, "takes_unknown_fields", False):
            described["additionalProperties"] = False
        return described

    def _words(self, known: Mapping[str, str], name: str, where: Any) -> str:
        """Return a name's description, the same everywhere. A name that nobody describes is a warning, which fails the
        build.
        """
        if name not in known:
            warn(f"{type(where).__name__}.{name} is not described: give it a help_text (wearlink.lib.api.words).")
        return known.get(name, "")

    def _get_parameters(self) -> Any:
        """Describe what only has a name, and say which older name a parameter answers to; paging comes last."""
        parameters: list[dict[str, Any]] = super()._get_parameters()
        for parameter in parameters:
            if parameter["in"] == "path" and parameter["name"] in UUIDS:
                parameter["schema"] = {"type": "string", "format": "uuid"}
            if not parameter.get("description"):
                known = PATHS if parameter["in"] == "path" else FIELDS
                parameter["description"] = self._words(known, parameter["name"], self.view)
        query_class = self._query_class()
        older = {} if query_class is None else {name: old for old, name in aliases.of(query_class).items()}
        for parameter in parameters:
            if parameter["in"] == "query" and parameter["name"] in older:
                parameter["description"] = _also(parameter.get("description", ""), older[parameter["name"]])
        return sorted(parameters, key=lambda one: one["name"] in PAGING)

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status in self._usual_errors():
            if str(status) not in bodies:
                bodies[str(status)] = self._described(error(status, *self._true_example(status)), status, direction)
        if self._has_etag():
            bodies["304"] = self._described(OpenApiResponse(None, description="Not modified."), 304, direction)
        return dict(sorted(bodies.items()))

    def _get_response_for_code(self, serializer: Any, *arguments: Any, **options: Any) -> Any:
        """Return it as it is made; of a serializer with allow_null the whole answer may be null."""
        found = super()._get_response_for_code(serializer, *arguments, **options)  # type: ignore[no-untyped-call]
        if isinstance(serializer, serializers.BaseSerializer) and serializer.allow_null:
            for body in found["content"].values():
                body["schema"] = {"oneOf": [body["schema"], {"type": "null"}]}
        return found

    def _true_example(self, status: int) -> tuple[str, ...]:
        """Return code and sentence that this very call would answer with; none where the usual ones are true."""
        if status == HTTPStatus.BAD_REQUEST:
            return self._example_of_400()
        if status == HTTPStatus.UNAUTHORIZED and API_KEY not in getattr(self.view, "callers", ()):
            return "token_expired", "The token has expired."
        if status == HTTPStatus.NOT_FOUND and "{user_id}" in self.path:
            return "user_not_found", "User not found"
        if status == HTTPStatus.CONFLICT:
            return "idempotency_key_running", "The first request with this Idempotency-Key still runs."
        return ()

    def _example_of_400(self) -> tuple[str, str]:
        query_class = self._query_class()
        if query_class is not None:
            names = query_class().fields
            return "invalid_query", f"colour: unknown query parameter. {hint('colour', names)}"
        return "malformed_json", "The body is not valid JSON: unexpected end of data at line 1, column 2 (position 1)."

    def _described(self, response: OpenApiResponse, status: int, direction: Any) -> Any:
        return self._get_response_for_code(response, str(status), direction=direction)

    def _usual_errors(self) -> set[int]:
        found = {429}
        if getattr(self.view, "callers", ()):
            found.add(404 if getattr(self.view, "is_hidden", False) else 401)
        if self._query_class() is not None or self.method in BODY_METHODS:
            found.add(400)
        if "{" in self.path:
            found.add(404)
        if self._is_idempotent():
            found |= {409, 422}
        if self.method in BODY_METHODS:
            found |= {413, 415}
        return found

    def _query_class(self) -> Any:
        choose = getattr(self.view, "query_class_for", None)
        return choose(self.method) if choose is not None else None

    def _is_idempotent(self) -> bool:
        return bool(getattr(getattr(self.view, self.method.lower(), None), "is_idempotent", False))

    def _has_etag(self) -> bool:
        return self.method == "GET" and bool(getattr(self.view, "has_etags", False))
