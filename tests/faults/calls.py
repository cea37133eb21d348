"""Calls as clients make them, one connection each."""

import http.client
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; body is the JSON, or None where there is none."""

    status: int
    body: Any
    headers: dict[str, str]


def call(port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """Return one call; a body that is not bytes is sent as JSON. Raises OSError where nobody answers."""
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    head = {"Content-Type": "application/json", **(headers or {})} if content is not None else (headers or {})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, content, head)
        answer = connection.getresponse()
        text = answer.read()
        return Answer(answer.status, _json(text), {name.lower(): value for name, value in answer.getheaders()})
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def form(name: str, content: bytes) -> tuple[bytes, dict[str, str]]:
    """Return a multipart form with one file, and the header that says so."""
    mark = "wearlink-boundary"
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return (
        head.encode() + content + f"\r\n--{mark}--\r\n".encode(),
        {"Content-Type": f"multipart/form-data; boundary={mark}"},
    )
