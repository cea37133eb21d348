"""Two wrappers around the WSGI application that repair what the server hands over.

Without the first one, a body sent in chunks reaches Django empty, without an error, and would be acknowledged.
"""

import tempfile
from collections.abc import Iterable
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from granian.utils.proxies import wrap_wsgi_with_proxy_headers

BODIES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
IN_MEMORY = 1024 * 1024
BLOCK = 64 * 1024
TOO_LARGE = b'{"detail":"The body is larger than this server accepts.","code":"too_large"}'
BAD_LENGTH = b'{"detail":"Content-Length is not a number.","code":"bad_request"}'


class WholeBodies:
    """Gives every request body a length: those over ``limit`` bytes get 413, chunked ones are read first.

    A spooled body lies in memory up to 1 MiB and on disk beyond, and is gone when the response is.
    """

    def __init__(self, application: WSGIApplication, limit: int) -> None:
        self.application = application
        self.limit = limit

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI protocol."""
        length = environ.get("CONTENT_LENGTH") or ""
        if length:
            if not length.isascii() or not length.isdigit():
                return _refuse(start_response, "400 Bad Request", BAD_LENGTH)
            if int(length) > self.limit:
                return _refuse(start_response, "413 Content Too Large", TOO_LARGE)
            return self.application(environ, start_response)
        if environ["REQUEST_METHOD"] not in BODIES or not environ.get("wsgi.input_terminated"):
            return self.application(environ, start_response)
        return self._with_spooled_body(environ, start_response)

    def _with_spooled_body(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body, size = _spool(environ["wsgi.input"], self.limit)
        if size > self.limit:
            body.close()
            return _refuse(start_response, "413 Content Too Large", TOO_LARGE)
        environ["wsgi.input"] = body
        environ["CONTENT_LENGTH"] = str(size)
        return _Closing(self.application(environ, start_response), body)


class _Closing:
    """A response that takes the spooled request body with it when it is closed."""

    def __init__(self, response: Iterable[bytes], body: IO[bytes]) -> None:
        self.response = response
        self.body = body

    def __iter__(self) -> Any:
        return iter(self.response)

    def close(self) -> None:
        """Called by the server once the response is sent or given up."""
        try:
            close = getattr(self.response, "close", None)
            if close is not None:
                close()
        finally:
            self.body.close()


def behind_proxies(application: WSGIApplication, trusted: list[str]) -> WSGIApplication:
    """Takes address and scheme from X-Forwarded-For and -Proto, but only from proxies named in ``trusted``."""
    if not trusted:
        return application
    wrapped: WSGIApplication = wrap_wsgi_with_proxy_headers(application, trusted_hosts=trusted)
    return wrapped


def _spool(source: Any, limit: int) -> tuple[IO[bytes], int]:
    """The body as a rewound file and its size; reading stops as soon as the size is over ``limit``."""
    body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the response
    size = 0
    while size <= limit and (block := source.read(BLOCK)):
        size += len(block)
        body.write(block)
    body.seek(0)
    return body, size


def _refuse(start_response: StartResponse, status: str, body: bytes) -> Iterable[bytes]:
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")]
    start_response(status, headers)
    return [body]
