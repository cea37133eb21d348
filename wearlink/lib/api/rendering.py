"""JSON out, by orjson: moments as RFC 3339 with Z, no NaN."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.http import HttpResponse
from django.utils.functional import Promise
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from wearlink.lib import clock

OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def dumps(data: Any) -> bytes:
    """Return the bytes the API sends for a value. Datetimes must be aware; NaN and infinities become null."""
    return orjson.dumps(data, default=_default, option=OPTIONS)


def as_json(body: Mapping[str, Any], status: int = HTTPStatus.OK) -> HttpResponse:
    """Answer a program that asked at an address which also has a page."""
    return HttpResponse(dumps(body), status=status, content_type="application/json", headers={"Vary": "Accept"})


def _default(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.rfc3339(clock.to_ms(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Return bytes of the answer; nothing for None (204) and bytes as they are (a replayed answer)."""
        if data is None:
            return b""
        return data if isinstance(data, bytes) else dumps(data)


def render(response: Response) -> None:
    """Give an answer its bytes, without the framework's way round by templates. One that has them keeps them."""
    if response.is_rendered:
        return
    response.content = RENDERER.render(response.data)
    if response.content:
        response.headers["Content-Type"] = response.content_type or RENDERER.media_type
    else:
        del response.headers["Content-Type"]


class ByContentType(BaseContentNegotiation):
    """Only chooses what reads a body; there is nothing to choose from for answers."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the parser that takes the request's content type; None for none."""
        content_type = (request.content_type or "").split(";")[0].strip().lower()
        for parser in parsers:
            if parser.media_type == content_type or parser.media_type == "*/*":
                return parser
        return None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """Return the view's first renderer, for views that are described but not called."""
        return renderers[0], renderers[0].media_type


RENDERER: Final = JSONRenderer()
NEGOTIATOR: Final = ByContentType()
