"""Wrappers around the WSGI application that repair what the server hands over.

WholeBodies    a body sent in chunks would reach Django empty, without an error, and would be acknowledged; one that
               does not come ends with its connection, before anything is done for it

wearlink.lib.web.slots has another: the requests worked on at a time.
"""

import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from io import BytesIO
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from wearlink.lib.errors import RETRY_SECONDS
from wearlink.lib.web.body_watch import BodyWatch, NoRoom
from wearlink.lib.web.forwarded import BehindProxies

BODIES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
IN_MEMORY = 1024 * 1024
TOO_LARGE = b'{"detail":"The body is larger than this server accepts.","code":"too_large"}'
BAD_LENGTH = b'{"detail":"Content-Length is not a number.","code":"bad_request"}'
NO_ROOM = b'{"detail":"There is no room to take the body in. Please try again.","code":"object_store_unavailable"}'
EMPTY_CHUNKS = b'{"detail":"The body is sent in chunks, and there is none that can be read.","code":"bad_request"}'
BROKEN_OFF = b'{"detail":"The body is shorter than Content-Length says.","code":"bad_request"}'


class WholeBodies:
    """Gives every request body a length: those over ``limit`` bytes get 413, those that break off 400, and those that
    stall lose their connection.

    A body lies in memory up to 1 MiB and on disk beyond, and is gone when the response is.
    """

    def __init__(self, application: WSGIApplication, limit: int, watch: BodyWatch | None = None) -> None:
        self.application = application
        self.limit = limit
        self.watch = watch or BodyWatch()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if length:
            if not length.isascii() or not length.isdigit():
                return _refuse(start_response, "400 Bad Request", BAD_LENGTH)
            if int(length) > self.limit:
                return _refuse(start_response, "413 Content Too Large", TOO_LARGE)
            if int(length) == 0:
                return self.application(environ, start_response)
        elif environ["REQUEST_METHOD"] not in BODIES or not environ.get("wsgi.input_terminated"):
            return self.application(environ, start_response)
        return self._with_spooled_body(environ, start_response, int(length) if length else None)

    def _with_spooled_body(
        self, environ: WSGIEnvironment, start_response: StartResponse, length: int | None
    ) -> Iterable[bytes]:
        with ExitStack() as on_refusal:
            body: IO[bytes] = BytesIO()
            if length is None or length > IN_MEMORY:
                body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the response
            on_refusal.callback(_close, body)
            most = self.limit + 1 if length is None else length
            try:
                size = self.watch.spool(environ["wsgi.input"], body, most, str(environ.get("REMOTE_ADDR", "")))
            except NoRoom:
                return _refuse(start_response, "503 Service Unavailable", NO_ROOM)
            if size > self.limit:
                return _refuse(start_response, "413 Content Too Large", TOO_LARGE)
            if length is not None and size < length:
                return _refuse(start_response, "400 Bad Request", BROKEN_OFF)
            if not size and "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
                # The server reads chunks that it cannot understand as the body's end.
                return _refuse(start_response, "400 Bad Request", EMPTY_CHUNKS)
            on_refusal.pop_all()
        body.seek(0)
        environ["wsgi.input"] = body
        environ["CONTENT_LENGTH"] = str(size)
        return Closing(self.application(environ, start_response), body.close)


class Closing:
    """A response that does one thing more when it is closed, and does it once."""

    def __init__(self, response: Iterable[bytes], also: Callable[[], None]) -> None:
        self.response = response
        self.also: Callable[[], None] | None = also

    def __iter__(self) -> Any:
        return iter(self.response)

    def close(self) -> None:
        """Close the response; called by the server once it is sent or given up."""
        also, self.also = self.also, None
        try:
            close = getattr(self.response, "close", None)
            if close is not None:
                close()
        finally:
            if also is not None:
                also()


def behind_proxies(application: WSGIApplication, trusted: list[str]) -> WSGIApplication:
    """Take address and scheme from X-Forwarded-For and -Proto, but only from proxies named in ``trusted``."""
    return BehindProxies(application, trusted) if trusted else application


def _close(body: IO[bytes]) -> None:
    """Closing writes what is left to a disk that may have no room."""
    with suppress(OSError):
        body.close()


def _refuse(start_response: StartResponse, status: str, body: bytes) -> Iterable[bytes]:
    """Answer at once. A 503 states when to try again, as the API's do."""
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")]
    if status.startswith("503"):
        headers.append(("Retry-After", str(RETRY_SECONDS)))
    start_response(status, headers)
    return [body]
