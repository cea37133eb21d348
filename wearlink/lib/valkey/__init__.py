"""Scripts and commands on the cache's server for what every request asks: one connection a thread, no pool, no layers.

A pool, retries and telemetry cost three times what the question itself does. A connection that broke is made again at
the next question, and the epoch goes up: values remembered from the server before must not be relied on.
"""

import hashlib
import os
import threading
from pathlib import Path
from typing import Any, Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

TIMEOUT: Final = 0.25


class Script:
    """A Lua program, known to the server by its digest once it has run. Each is a .lua file beside the module that
    runs it: Script.beside(__file__, "turns.lua").
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    @classmethod
    def beside(cls, module: str, name: str) -> "Script":
        """Read the program from a file in the module's folder or below. Raises FileNotFoundError."""
        return cls((Path(module).parent / name).read_text())


class Lines(threading.local):
    """The connections of one thread, by the address of their server."""

    def __init__(self) -> None:
        self.by_location: dict[str, Any] = {}  # redis.connection.Connection, of which half is untyped


_lines = Lines()
_epoch = [0]
_lock = threading.Lock()


def epoch() -> int:
    """Goes up whenever a connection is made: the server may have been another one meanwhile, or lost its data."""
    return _epoch[0]


def run(script: Script, keys: list[str], *arguments: str | int) -> Any:
    """Return the script's answer, text as bytes. Raises redis.RedisError."""
    try:
        return ask("EVALSHA", script.digest, len(keys), *keys, *arguments)
    except NoScriptError:
        return ask("EVAL", script.text, len(keys), *keys, *arguments)


def ask(*words: str | int) -> Any:
    """Return one command's answer, text as bytes. Raises redis.RedisError.

    A connection that was open before may have been closed by a server that started again, so it is tried once more.
    """
    line = _line(str(settings.CACHES["default"]["LOCATION"]))
    was_open = line.is_connected
    try:
        return _ask(line, words)
    except redis.TimeoutError:
        raise
    except redis.ConnectionError:
        if not was_open:
            raise
        return _ask(line, words)


def _ask(line: Any, words: tuple[str | int, ...]) -> Any:
    if not line.is_connected:
        line.connect()
        with _lock:
            _epoch[0] += 1
    line.send_command(*words)
    return line.read_response()


def _line(location: str) -> Any:
    line = _lines.by_location.get(location)
    if line is None:
        client = redis.Redis.from_url(
            location, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
        )
        line = _lines.by_location[location] = client.connection_pool.make_connection()
    return line


def _in_child() -> None:
    """Drop the connections in a forked process: it must not talk on its parent's."""
    _lines.by_location = {}


os.register_at_fork(after_in_child=_in_child)
