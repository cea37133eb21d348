"""The OpenAPI document: made once a build, kept compressed, answered with an ETag.

Making it takes a good part of a second and 20 MB of a process, and anybody may ask for it: made again each time, five
readers would slow every other call down.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from threading import Lock
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

from wearlink.lib.valkey import built

JSON: Final = "application/vnd.oai.openapi+json"
YAML: Final = "application/vnd.oai.openapi"
RENDERERS: Final = {JSON: OpenApiJsonRenderer, YAML: OpenApiYamlRenderer}
MAX_AGE: Final = 300  # seconds; a new release is seen within that time
_making = Lock()


@dataclass(frozen=True, slots=True)
class SchemaDocument:
    """One form of the document, plain and gzipped."""

    plain: bytes
    zipped: bytes
    etag: str


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Answer JSON, or YAML where `?format=yaml` or Accept asks for it."""
    kind = _wanted(request)
    made = document(kind)
    headers = {"ETag": made.etag, "Cache-Control": f"public, max-age={MAX_AGE}", "Vary": "Accept, Accept-Encoding"}
    kept = get_conditional_response(request, etag=made.etag)
    if isinstance(kept, HttpResponseNotModified):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(made.zipped, content_type=kind, headers={**headers, "Content-Encoding": "gzip"})
    return HttpResponse(made.plain, content_type=kind, headers=headers)


def _wanted(request: HttpRequest) -> str:
    if request.GET.get("format") == "yaml":
        return YAML
    accepted = [part.partition(";")[0].strip() for part in request.headers.get("Accept", "").split(",")]
    return YAML if YAML in accepted or "application/yaml" in accepted else JSON


def document(kind: str) -> SchemaDocument:
    """Return the document as JSON or YAML; requests meanwhile wait for it."""
    with _making:
        return _made(kind)


@cache
def _made(kind: str) -> SchemaDocument:
    plain = built.text(f"schema:{kind}", lambda: _rendered(kind)).encode()
    return SchemaDocument(plain, gzip.compress(plain, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:20]}"')


def _rendered(kind: str) -> str:
    content = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    rendered = RENDERERS[kind]().render(content, renderer_context={})
    return rendered if isinstance(rendered, str) else rendered.decode()
