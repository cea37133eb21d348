"""Load from processes of their own, all started by the same word."""

import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CLIENT = Path(__file__).with_name("client.py")


class WrongAnswer(Exception):
    """The server answered otherwise than a benchmark needs."""


@dataclass(frozen=True, slots=True)
class ClientJob:
    """One client's requests: heads with the number of their body, once; for some seconds; or pages by cursor."""

    port: int
    requests: Sequence[tuple[bytes, int | None]]
    bodies: Sequence[bytes] = ()
    seconds: float = 0.0
    pages: int = 0
    pause: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError for some seconds of no requests: the client would look for the next one for ever."""
        if self.seconds and not self.requests:
            raise ValueError("A job that lasts some seconds needs a request to repeat.")


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """The measurements of all clients together; in seconds."""

    started: float
    ended: float
    cpu: float
    latencies: list[float]
    statuses: dict[str, int]
    last: list[str] = field(repr=False)

    @property
    def seconds(self) -> float:
        """The time from the first request to the last answer."""
        return self.ended - self.started

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    @property
    def p50_ms(self) -> float:
        """The middle latency in milliseconds."""
        return sorted(self.latencies)[len(self.latencies) // 2] * 1000


def head(method: str, path: str, credentials: str, length: int | None = None) -> bytes:
    """Return a request's head; credentials is a whole header line."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", credentials]
    if length is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def play(jobs: Sequence[ClientJob], *, expect: int = 200, also: int | None = None) -> LoadOutcome:
    """Run one client a job. Raises WrongAnswer where an answer's status is not the expected one, or `also` one."""
    with ExitStack() as stack:
        clients = [stack.enter_context(_client()) for _ in jobs]
        for client, job in zip(clients, jobs, strict=True):
            pickle.dump(asdict(job), client.stdin)
            client.stdin.flush()
        for client in clients:
            client.stdout.readline()
        for client in clients:
            client.stdin.write(b"go\n")
            client.stdin.flush()
        found = [json.loads(client.stdout.readline() or b'{"statuses": {"none": 1}}') for client in clients]
    statuses: dict[str, int] = {}
    for one in found:
        for status, times in one["statuses"].items():
            statuses[status] = statuses.get(status, 0) + times
    if not statuses or not set(statuses) <= {str(expect), str(also)}:
        raise WrongAnswer(f"{statuses} instead of {expect}: {found[0].get('last', '')[:400]}")
    return LoadOutcome(
        started=min(one["started"] for one in found),
        ended=max(one["ended"] for one in found),
        cpu=sum(one["cpu"] for one in found),
        latencies=[latency for one in found for latency in one["latencies"]],
        statuses=statuses,
        last=[one["last"] for one in found],
    )


def _client() -> "subprocess.Popen[Any]":
    command = [sys.executable, "-I", "-S", str(CLIENT)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
