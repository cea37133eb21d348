"""Runs programs as one: what starts together stops together, whatever kills which of them.

Each program leads a session of its own, so that its whole group can be stopped, and gets SIGTERM from the kernel when
this process dies. Signals to this process become ``Stopped`` in its main thread, which must be its only one.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from wearlink.lib import child

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 12.0
STEP = 0.05


class Stopped(BaseException):
    """Somebody asked us to stop. Not an Exception, so that nothing on the way takes it for a failure."""


class ProgramEnded(Exception):
    """A program that should run on has ended; the message says which and how."""


@dataclass(slots=True)
class Program:
    """One running program. ``lasting`` ones must not end before the others."""

    name: str
    pid: int
    lasting: bool


@dataclass(slots=True)
class Supervisor:
    """Starts programs, waits for the first end, stops all."""

    environment: Mapping[str, str]
    programs: dict[int, Program] = field(default_factory=dict)
    watched: dict[int, str] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], *, lasting: bool = True, **environment: str) -> Program:
        """Starts ``command`` with ``environment`` on top of ours."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            env={**self.environment, **environment},
            start_new_session=True,
            preexec_fn=lambda: child.die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - we have one thread
        )
        process.returncode = 0  # its end is collected below, not by the object
        program = Program(name, process.pid, lasting)
        self.programs[process.pid] = program
        return program

    def watch(self, name: str, pid: int) -> None:
        """Takes the end of a child that somebody else starts and stops for the end of all."""
        self.watched[pid] = name

    def run(self, name: str, command: Sequence[str]) -> None:
        """Starts ``command`` and waits for its end; raises ProgramEnded unless it is 0."""
        program = self.start(name, command, lasting=False)
        while program.pid in self.programs:
            self.collect(block=True)

    def collect(self, *, block: bool) -> None:
        """Takes note of one ended child, or of none if not ``block``; raises ProgramEnded when that must not have
        ended so.
        """
        try:
            pid, status = os.waitpid(-1, 0 if block else os.WNOHANG)
        except ChildProcessError:
            time.sleep(STEP)
            return
        program = self.programs.pop(pid, None)
        if pid in self.watched:
            raise ProgramEnded(f"{self.watched.pop(pid)} has ended")
        if program is None:
            return  # an adopted orphan
        code = os.waitstatus_to_exitcode(status)
        if program.lasting or code != 0:
            _kill_group(pid, signal.SIGKILL)
            raise ProgramEnded(f"{program.name} has ended with status {code}")

    def stop(self) -> None:
        """SIGTERM to every program, SIGKILL to the groups of those that do not end in time."""
        groups = list(self.programs)
        for pid in groups:
            _kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while self.programs and time.monotonic() < deadline:
            self._reap()
            time.sleep(STEP)
        for pid in groups:
            _kill_group(pid, signal.SIGKILL)
        self._reap()

    def _reap(self) -> None:
        for pid in list(self.programs):
            try:
                ended, _ = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                ended = pid
            if ended:
                del self.programs[pid]


@contextmanager
def signals_stop() -> Iterator[None]:
    """Within the block the first SIGINT, SIGTERM or SIGHUP raises Stopped; further ones are ignored."""

    def stop(signum: int, frame: FrameType | None) -> None:
        for ignored in SIGNALS:
            signal.signal(ignored, signal.SIG_IGN)
        raise Stopped

    before = {signum: signal.signal(signum, stop) for signum in SIGNALS}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _kill(pid: int, signum: int) -> None:
    try:
        os.kill(pid, signum)
    except ProcessLookupError:
        return


def _kill_group(pid: int, signum: int) -> None:
    try:
        os.killpg(pid, signum)
    except ProcessLookupError:
        return
