"""`manage.py run`: one command up, nothing left behind, whatever is killed."""

import http.client
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
pytestmark = [pytest.mark.slow, pytest.mark.fault]


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One data directory for all tests, in which the second start finds what the first left."""
    directory = Path(tempfile.mkdtemp(prefix="wearlink-run-"))
    yield directory / "data"
    for pid in alive(directory / "data"):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(directory)


def start(data: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """The command as an operator runs it, with none of the tests' settings, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPYCACHEPREFIX") if name in os.environ}
    command = [sys.executable, "manage.py", "run", "--no-demo"]
    environment = {**kept, "DATA": str(data), "PORT": str(port)}
    log = data.with_suffix(".log").open("ab")
    with log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    return process, port


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits, and fails with ``what`` when it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body, or 0 where nothing listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def alive(data: Path) -> dict[int, str]:
    """Processes that belong to this data directory, by the environment or the command line they were started with."""
    mark, own = str(data).encode(), os.getpid()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == own:
            continue
        try:
            words = (entry / "cmdline").read_bytes()
            if mark in words or b"DATA=" + mark in (entry / "environ").read_bytes():
                found[int(entry.name)] = words.replace(b"\0", b" ").decode()
        except OSError:
            continue
    return {pid: words for pid, words in found.items() if words}


def child(data: Path, word: str) -> int:
    """The oldest process whose command line holds ``word``."""
    return min(pid for pid, words in alive(data).items() if word in words)


def test_one_command_is_ready_keeps_secrets_private_and_leaves_nothing_after_ctrl_c(data: Path) -> None:
    process, port = start(data)
    until(lambda: get(port, "/readyz")[0] == 200, data.with_suffix(".log").read_text())
    until(lambda: any(" beat " in words for words in alive(data).values()), "beat does not start")
    assert json.loads(get(port, "/readyz")[1])["status"] == "ok"
    assert stat.S_IMODE((data / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "run").stat().st_mode) == 0o700
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert alive(data) == {}


@pytest.mark.parametrize(
    ("victim", "signum"),
    [
        ("manage.py run", signal.SIGKILL),
        ("manage.py run", signal.SIGHUP),
        ("granian", signal.SIGKILL),
        ("celery", signal.SIGKILL),
        ("/postgres", signal.SIGKILL),
        ("valkey-server", signal.SIGKILL),
    ],
)
def test_the_end_of_any_part_is_the_end_of_all_and_the_next_start_finds_the_data(
    data: Path, victim: str, signum: signal.Signals
) -> None:
    before = (data / "secrets.json").read_text()
    process, port = start(data)
    until(lambda: get(port, "/readyz")[0] == 200, data.with_suffix(".log").read_text())
    os.kill(child(data, victim), signum)
    process.wait(PATIENCE)
    until(lambda: alive(data) == {}, f"left behind: {alive(data)}")
    assert (data / "secrets.json").read_text() == before


def test_a_second_start_on_the_same_data_is_refused_in_words(data: Path) -> None:
    first, port = start(data)
    until(lambda: get(port, "/readyz")[0] == 200, data.with_suffix(".log").read_text())
    second, _ = start(data)
    assert second.wait(PATIENCE) == 1
    assert "already runs on" in data.with_suffix(".log").read_text()
    assert get(port, "/healthz")[0] == 200
    first.terminate()
    first.wait(PATIENCE)
