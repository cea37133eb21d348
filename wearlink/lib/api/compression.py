"""Answers of the API are gzipped for callers who take that: lists of health data repeat themselves a lot.

Compressing beside a secret may give it away to somebody who can make the same browser call again and again with texts
of his own. Nobody can here: callers name themselves by a header, which no foreign page can send, or by a cookie that
browsers keep to our own pages.
"""

import zlib
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

SMALLEST: Final = 1024  # bytes; below it nobody gains a packet
LEVEL: Final = 1  # a third of the time of the usual 6, and of JSON a few per cent more bytes
_GZIP: Final = 16 + zlib.MAX_WBITS


def compress(request: HttpRequest, response: HttpResponse) -> None:
    """Gzip a whole answer that is worth it, if the caller takes gzip; say in Vary that it depends on that.

    An ETag becomes a weak one, since it identifies the content and no longer its bytes.
    """
    patch_vary_headers(response, ["Accept-Encoding"])
    if len(response.content) < SMALLEST or response.has_header("Content-Encoding") or not _takes_gzip(request):
        return
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    response.content = packer.compress(response.content) + packer.flush()
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
    etag = response.headers.get("ETag", "")
    if etag.startswith('"'):
        response.headers["ETag"] = f"W/{etag}"


def _takes_gzip(request: HttpRequest) -> bool:
    for one in request.META.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
