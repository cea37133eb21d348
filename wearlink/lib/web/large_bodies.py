"""The WSGI wrapper for bodies of gigabytes: they go to the disk before one of the few slots is taken, and only by links
that we signed.
"""

from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from wearlink.lib.errors import WearLinkError
from wearlink.lib.web import signed_puts
from wearlink.lib.web.body_watch import BodyWatch
from wearlink.lib.web.signed_puts import PREFIX, TAKEN, TakenBody
from wearlink.lib.web.wsgi import Closing


class LargeBodies:
    """Gives signed uploads to ``application`` with their bodies on disk, everything else to ``others`` as it is.

    What is wrong with an upload is left to the view to say: its body is not read then, and the connection ends.
    """

    def __init__(self, application: WSGIApplication, others: WSGIApplication, watch: BodyWatch) -> None:
        self.application = application
        self.others = others
        self.watch = watch

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] != "PUT" or not path.startswith(PREFIX):
            return self.others(environ, start_response)
        outcome = environ[TAKEN] = self._outcome(environ, path.removeprefix(PREFIX))
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(), "0"
        response = self.application(environ, _ending(start_response))
        if isinstance(outcome, TakenBody):
            return Closing(response, lambda: signed_puts.discard(outcome))
        return response

    def _outcome(self, environ: WSGIEnvironment, token: str) -> TakenBody | WearLinkError:
        length = environ.get("CONTENT_LENGTH") or ""
        if not length and not environ.get("wsgi.input_terminated"):
            length = "0"
        try:
            admission = signed_puts.admit(token, length)
            address = str(environ.get("REMOTE_ADDR", ""))
            return signed_puts.take_in(environ["wsgi.input"], admission, length, self.watch, address)
        except WearLinkError as error:
            return error


def _ending(start_response: StartResponse) -> StartResponse:
    """Have the connection end with the answer: behind it may be gigabytes that nobody reads."""

    def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *more)

    return started
