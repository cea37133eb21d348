"""ETag on single objects: a client that has the current version gets a few bytes."""

import hashlib
from http import HTTPStatus
from typing import Any

from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from wearlink.lib.api import rendering


class ETagMixin(APIView):
    """Put before TenantView: GET answers carry an ETag over their content, and If-None-Match is answered by 304."""

    has_etags = True

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the header, or replaces the answer by an empty 304."""
        if (
            request.method in {"GET", "HEAD"}
            and isinstance(response, Response)
            and response.status_code == HTTPStatus.OK
        ):
            rendering.render(response)
            etag = _tag(response.content)
            if _matches(request, etag):
                response = Response(status=HTTPStatus.NOT_MODIFIED)
            response["ETag"] = etag
        return super().finalize_response(request, response, *args, **kwargs)


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _matches(request: Request, etag: str) -> bool:
    given = request.META.get("HTTP_IF_NONE_MATCH")
    if given is None:
        return False
    known = parse_etags(given)
    return "*" in known or etag in (tag.removeprefix("W/") for tag in known)
