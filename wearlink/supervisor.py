"""Runs programs as one: what starts together stops together, whatever kills which of them.

Each program leads a session of its own, so that its whole group can be stopped, and is killed by the kernel when this
process dies: a handler of SIGTERM could be swallowed by whatever the program is doing. Signals to this process become
``Stopped`` in its main thread, which must be its only one.
"""

import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

from wearlink.lib.work import child

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 12.0
STEP = 0.05


class Stopped(BaseException):
    """An order to stop. Not an Exception, so that nothing on the way takes it for a failure."""


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
        """Start ``command`` with ``environment`` on top of ours."""
        parent = os.getpid()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            env={**self.environment, **environment},
            start_new_session=True,
            preexec_fn=lambda: child.die_with_parent(signal.SIGKILL, parent),  # noqa: PLW1509 - we have one thread
        )
        process.returncode = 0  # its end is collected below, not by the object
        return self._started(Program(name, process.pid, lasting))

    def fork(self, name: str, main: Callable[[], None], *, lasting: bool = True) -> Program:
        """Run ``main`` in a copy of this process, which shares the memory of all that is loaded by now.

        Nothing that a copy must not share may be open: connections, threads. ``main`` ends the copy when it returns.
        """
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            pid = os.fork()
            if pid == 0:
                _run_copy(name, main, parent)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        return self._started(Program(name, pid, lasting))

    def _started(self, program: Program) -> Program:
        self.programs[program.pid] = program
        return program

    def watch(self, name: str, pid: int) -> None:
        """Take the end of a child that somebody else starts and stops for the end of all."""
        self.watched[pid] = name

    def finish(self, program: Program) -> None:
        """Wait for a program that is to end; raises ProgramEnded unless it ends with 0."""
        while program.pid in self.programs:
            self.collect(block=True)

    def collect(self, *, block: bool) -> None:
        """Take note of one ended child, or of none if not ``block``; raises ProgramEnded when that must not have
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
    """Raise Stopped at the first SIGINT, SIGTERM or SIGHUP within the block; further ones are ignored.

    A SIGHUP that is ignored already, as by nohup, stays so. SIGINT is handled in any case: a shell has it ignored in
    what it starts in the background, where somebody may still send it.
    """

    def stop(signum: int, frame: FrameType | None) -> None:
        for ignored in SIGNALS:
            signal.signal(ignored, signal.SIG_IGN)
        raise Stopped

    handled = set(SIGNALS)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        handled.remove(signal.SIGHUP)
    before = {signum: signal.signal(signum, stop) for signum in handled}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _run_copy(name: str, main: Callable[[], None], parent: int) -> NoReturn:
    """Run `main` in the forked process and exit; never return into the parent's code."""
    code = 1
    try:
        child.die_with_parent(signal.SIGKILL, parent)
        child.take_children_along()
        child.go_by(name)
        os.setsid()
        for signum in SIGNALS:
            signal.signal(signum, signal.SIG_DFL)
        _close_inherited()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - the outermost edge of a process
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _close_inherited() -> None:
    """Close inherited files, such as the data directory's lock, which must end with the parent."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


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
