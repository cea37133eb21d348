"""Requests and answers of the simulated vendors, and the way from and to WSGI."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

MAX_BODY_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SimulatedRequest:
    """A call. `path` is below the vendor's own base; `now` is the simulator's time in ms."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    now: int

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form."""
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The decoded body; an empty object for none."""
        return msgspec.json.decode(self.body) if self.body else {}

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True, slots=True)
class SimulatedAnswer:
    """An answer to send. `cut`: the connection ends in the middle of the body. `wait`: seconds before it is sent."""

    status: int = HTTPStatus.OK
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    cut: bool = False
    wait: float = 0.0

    @classmethod
    def json(
        cls, value: Any, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
    ) -> "SimulatedAnswer":
        return cls(status, msgspec.json.encode(value), headers or {})

    @classmethod
    def page(cls, html: str, status: int = HTTPStatus.OK) -> "SimulatedAnswer":
        return cls(status, html.encode(), {}, "text/html; charset=utf-8")


def request_of(environ: Mapping[str, Any], now: int) -> SimulatedRequest:
    """Return a request as WSGI has it."""
    length = min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BODY_BYTES)
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return SimulatedRequest(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace"),
        query=dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
        headers=headers,
        body=environ["wsgi.input"].read(length) if length else b"",
        now=now,
    )


def send(answer: SimulatedAnswer, start_response: Any) -> Iterator[bytes]:
    """Yield an answer as WSGI wants it. One that is cut promises more than it gives."""
    promised = len(answer.body) + (64 if answer.cut else 0)
    headers = [("Content-Type", answer.content_type), ("Content-Length", str(promised)), *answer.headers.items()]
    known = {status.value: status.phrase for status in HTTPStatus}
    start_response(f"{answer.status} {known.get(answer.status, 'Status')}", headers)
    yield answer.body[: len(answer.body) // 2] if answer.cut else answer.body
