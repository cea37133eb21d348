"""Structured logs: one JSON object a line, with the id of the request it belongs to.

Nobody's data gets in: the access line carries the route's pattern, never the path or query, and records carry only
what the caller put into ``extra={"data": {…}}``.
"""

import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = frozenset({"healthz", "readyz", "metrics"})
access = logging.getLogger("wearlink.access")
_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Return the id of the request being answered, or an empty string outside of one."""
    return _request_id.get()


class JsonFormatter(logging.Formatter):
    """``{"time", "level", "logger", "message", "request_id"?, …data, "error"?}``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, without line breaks."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if identity := request_id():
            line["request_id"] = identity
        data = getattr(record, "data", None)
        if isinstance(data, dict) and record.name != "celery.app.trace":
            line.update(data)
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["traceback"] = places(record.exc_info[1])
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TextFormatter(logging.Formatter):
    """Log lines for a terminal: ``10:14:02 warning accounts.deletion: …``, in local time, without personal data."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and where an error came by."""
        moment = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{moment} {record.levelname.lower()} {record.name}: {_message(record)}"
        data = getattr(record, "data", None)
        if isinstance(data, dict) and record.name != "celery.app.trace":
            line += "".join(f" {name}={value}" for name, value in data.items())
        if record.exc_info and record.exc_info[0]:
            line += f" [{record.exc_info[0].__name__} at {' < '.join(reversed(places(record.exc_info[1])[-3:]))}]"
        return line.replace("\n", " ")


def _message(record: logging.LogRecord) -> str:
    """Django's own lines about failed requests end with the raw path, which is left out; Celery's about failed tasks
    with arguments and the exception's text, in which databases quote rows.
    """
    if record.name == "celery.app.trace":
        fields = getattr(record, "data", None)
        task = fields if isinstance(fields, dict) else {}
        return f"Task {task.get('name', '?')}[{task.get('id', '?')}]: {record.levelname.lower()}"
    if record.name.startswith("django.request") and isinstance(record.args, tuple) and record.args:
        return str(record.args[0])
    return record.getMessage()


def places(error: BaseException | None) -> list[str]:
    """Return where an error came by, innermost last. Messages stay out, since databases and parsers
    quote data in them.
    """
    if error is None:
        return []
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


class RequestLogMiddleware:
    """Gives each request an id, answers with it in X-Request-ID, and writes the access line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Log the request. A caller's own request id is kept if it looks like one; anything else is replaced."""
        given = request.headers.get(HEADER, "")
        identity = given if SANE.fullmatch(given) else uuid.uuid4().hex
        token = _request_id.set(identity)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers[HEADER] = identity
            _write(request, response.status_code, started)
            return response
        finally:
            _request_id.reset(token)


def _write(request: HttpRequest, status: int, started: float) -> None:
    match = request.resolver_match
    route = match.route if match else "-"
    if route in QUIET:
        return
    elapsed = round((time.perf_counter() - started) * 1000, 1)
    line = {"method": request.method, "route": route, "status": status, "ms": elapsed}
    access.info("%s %s %s", request.method, route, status, extra={"data": line})
