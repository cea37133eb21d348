"""The client of `manage.py listen`: fetches an organization's messages over the API and posts them to a local server.

Nothing here knows the database: it is a client of the public API, and runs on a developer's machine. Where it posts to
is up to its user.
"""

import http.client
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

WAIT: Final = 25  # seconds that a poll waits
TIMEOUT_SECONDS: Final = 15.0  # seconds beyond, and for the local server as for any endpoint
MAX_PAUSE_SECONDS: Final = 30.0  # between two tries of an API that does not answer
BROKEN: Final = (OSError, http.client.HTTPException, ValueError)


class CannotListen(Exception):
    """The API refuses; trying again would not help."""


class Silence(Exception):
    """The API is away, or asks to come again after so many seconds."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class UnknownListener(Exception):
    """The listener was closed meanwhile."""


@dataclass(frozen=True, slots=True)
class LocalReply:
    """An answer: its status, body, and Retry-After in seconds if it has one."""

    status: int
    body: bytes
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """The API at an address such as http://127.0.0.1:8000/api/v1, by one key."""

    base: str
    key: str

    def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float = TIMEOUT_SECONDS
    ) -> Any:
        """Return the JSON of the answer. Raises CannotListen, Silence, UnknownListener."""
        headers = {"X-WearLink-API-Key": self.key, "Content-Type": "application/json"}
        sent = b"" if body is None else orjson.dumps(body)
        try:
            reply = exchange(method, self.base.rstrip("/") + path, headers, sent, patience)
            found = orjson.loads(reply.body) if reply.body else {}
        except BROKEN as error:
            raise Silence(f"The API does not answer ({type(error).__name__}).") from error
        if reply.status < 300:
            return {**found, "retry_after": reply.retry_after} if isinstance(found, dict) else found
        detail = f"{found.get('detail', reply.status)}" if isinstance(found, dict) else str(reply.status)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Silence(detail, reply.retry_after)
        if isinstance(found, dict) and found.get("code") == "listener_not_found":
            raise UnknownListener
        raise CannotListen(detail)


@dataclass(slots=True)
class Forwarder:
    """One run. `order` is the body that opens the listener; `tell` shows a line."""

    api: Api
    forward: str
    order: dict[str, Any]
    tell: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)
    listener: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0

    def run(self) -> None:
        """Go on until stopped; raises CannotListen."""
        try:
            while not self.stop.is_set():
                try:
                    self._round()
                    self.failures = 0
                except UnknownListener:
                    self.listener, self.answers = "", []
                except Silence as silence:
                    self._pause(silence)
        finally:
            self._close()

    def _round(self) -> None:
        if not self.listener:
            self._open()
        polled = self.api.call(
            "POST",
            f"/webhooks/listeners/{self.listener}/poll",
            {"wait": WAIT, "answers": self.answers},
            WAIT + TIMEOUT_SECONDS,
        )
        self.answers = []
        for message in polled["data"]:
            self.answers.append({"message_id": message["message_id"], "status_code": self._post(message)})
        if polled["retry_after"]:
            self.stop.wait(polled["retry_after"])

    def _open(self) -> None:
        opened = self.api.call("POST", "/webhooks/listeners", self.order)
        self.listener = opened["id"]
        self.order["secret"] = opened["secret"]  # the next one's too, should this one be closed
        self.tell(f"{self.listener} listens; messages go to {self.forward}")
        self.tell(f"They are signed with {opened['secret']}")

    def _post(self, message: Mapping[str, Any]) -> int:
        """Forward one message; the local server's status, 0 where it does not answer."""
        began = time.monotonic()
        try:
            status = exchange(
                "POST", self.forward, message["headers"], message["body"].encode(), TIMEOUT_SECONDS
            ).status
            came = str(status)
        except BROKEN as error:
            status, came = 0, f"no answer ({type(error).__name__})"
        took = round(1000 * (time.monotonic() - began))
        self.tell(f"{message['event_type']}  {message['message_id']}  → {came} in {took} ms")
        return status

    def _pause(self, silence: Silence) -> None:
        seconds = silence.seconds or min(2.0**self.failures, MAX_PAUSE_SECONDS)
        self.failures += 1
        self.tell(f"{silence} Again in {seconds:.0f} s.")
        self.stop.wait(seconds)

    def _close(self) -> None:
        """Close the listener; one that cannot do so is closed after some minutes of silence."""
        if not self.listener:
            return
        try:
            self.api.call("DELETE", f"/webhooks/listeners/{self.listener}", patience=3.0)
        except (CannotListen, Silence, UnknownListener):
            return


def exchange(method: str, url: str, headers: Mapping[str, str], body: bytes, patience: float) -> LocalReply:
    """Return one request, redirects not followed. Raises what BROKEN names."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=patience)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body or None, dict(headers))
        answer = connection.getresponse()
        after = answer.headers.get("Retry-After", "")
        return LocalReply(answer.status, answer.read(), float(after) if after.isdecimal() else None)
    finally:
        connection.close()


def order(filter_types: Sequence[str], user_id: str, secret: str, description: str) -> dict[str, Any]:
    """Return the body that opens such a listener."""
    wanted: dict[str, Any] = {"filter_types": list(filter_types) or None, "description": description}
    if user_id:
        wanted["user_id"] = user_id
    if secret:
        wanted["secret"] = secret
    return wanted
