"""Sends days to the running server as phones do, and waits until they can be read."""

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

STEP: Final = 0.05
TIMEOUT_ALL: Final = 120.0  # seconds for all batches together
TIMEOUT: Final = 30.0


class UploadFailed(Exception):
    """The server refused a day or gave it up; the message says what it answered."""


@dataclass(slots=True)
class DemoPhone:
    """One end user's phone, with its SDK token, on one connection."""

    connection: http.client.HTTPConnection
    path: str  # of the user's syncs
    token: str
    batches: list[str] = field(default_factory=list)

    def send(self, body: bytes) -> None:
        """Upload one body. Raises UploadFailed."""
        self.batches.append(self._call("POST", self.path, 202, body)["batch_id"])

    def unfinished(self) -> bool:
        """Return whether anything sent is still to be processed. Raises UploadFailed for what was given up."""
        while self.batches:
            state = self._call("GET", f"{self.path}/{self.batches[-1]}", 200)
            if state["status"] == "failed":
                raise UploadFailed(f"A day was given up: {state['error']}")
            if state["status"] in ("queued", "running"):
                return True
            self.batches.pop()
        return False

    def _call(self, method: str, path: str, expected: int, body: bytes | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise UploadFailed(f"The server does not answer ({type(error).__name__}).") from error
        if answer.status != expected:
            raise UploadFailed(f"{method} {path} was answered with {answer.status}: {text[:300].decode()}")
        found: dict[str, Any] = json.loads(text)
        return found


@contextmanager
def connected(base_url: str) -> Iterator[http.client.HTTPConnection]:
    """Connect straight to the server, whatever proxies the environment names."""
    parts = urlsplit(base_url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        yield connection
    finally:
        connection.close()


def wait(phones: Sequence[DemoPhone]) -> None:
    """Wait until everything sent is stored. Raises UploadFailed."""
    deadline = time.monotonic() + TIMEOUT_ALL
    for phone in phones:
        while phone.unfinished():
            if time.monotonic() > deadline:
                raise UploadFailed("The days sent are not processed. Does the worker run?")
            time.sleep(STEP)
