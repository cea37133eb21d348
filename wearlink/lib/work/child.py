"""A child process's settings for itself: dying with its parent, leaving root, taking a name.

Everything here is Linux's; elsewhere children merely get their own session.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from pathlib import Path

LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)

_SET_PDEATHSIG = 1
_SET_NAME = 15
_SET_KEEPCAPS = 8
_SET_SECUREBITS = 28
_SET_CHILD_SUBREAPER = 36
_CAP_AMBIENT = 47
_CAP_AMBIENT_RAISE = 2
_NO_SETUID_FIXUP = 1 << 2
_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def die_with_parent(signum: int, parent: int | None = None) -> None:
    """Ask the kernel to send ``signum`` to this process when the thread that forked it ends, however that happens.

    A parent that is dead already sends nothing: with ``parent``, its pid as the parent knew it, that counts too.
    """
    if LINUX:
        _prctl(_SET_PDEATHSIG, signum)
        if parent is not None and os.getppid() != parent:
            os._exit(1)


def take_children_along() -> None:
    """Have every fork of this process, and theirs, killed when its parent ends.

    For programs whose forks are made by a library (granian's web processes, Celery's task processes). SIGKILL, since
    a handler of Python's may be swallowed by whatever runs at that moment.
    """
    forking = {"pid": os.getpid()}
    os.register_at_fork(
        before=lambda: forking.update(pid=os.getpid()),
        after_in_child=lambda: die_with_parent(signal.SIGKILL, forking["pid"]),
    )


def go_by(name: str) -> None:
    """Show as ``name`` (15 bytes) in ps and /proc/<pid>/comm; forks share one command line."""
    if LINUX:
        buffer = ctypes.create_string_buffer(name.encode()[:15])
        _prctl(_SET_NAME, ctypes.addressof(buffer))


def adopt_orphans() -> None:
    """Make grandchildren whose parent died our own children, so that none gets out of sight."""
    if LINUX:
        _prctl(_SET_CHILD_SUBREAPER, 1)


def unprivileged(signum: int, *paths: Path) -> Callable[[], None]:
    """Return the ``preexec_fn`` of a server that must not run as root, and that has to reach these paths.

    As an ordinary user it only ties the child's life to ours. As root it also becomes ``nobody``, without any
    capability. Only where a path lies below a directory that is closed to others it keeps the one that lets it pass,
    if that can be had, so that no permission on the way has to be opened; then nobody else can reach its files either.
    """
    parent = os.getpid()
    if os.getuid() != 0:
        return lambda: die_with_parent(signum, parent)
    user = pwd.getpwnam("nobody")
    closed = LINUX and not all(map(_open_to_others, paths))

    def become_nobody() -> None:
        capable = closed and _keep_capabilities()
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        if capable:
            _keep_only_dac_override()
        die_with_parent(signum, parent)  # last: a change of user clears it

    return become_nobody


def owner() -> tuple[int, int]:
    """User and group that an unprivileged server's directories must belong to."""
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    user = pwd.getpwnam("nobody")
    return user.pw_uid, user.pw_gid


def _open_to_others(path: Path) -> bool:
    """Return whether everybody may pass to this directory or program; to what lies in it, its own permissions say."""
    path = path.resolve()
    return all(each.stat().st_mode & 0o001 for each in (path, *path.parents))


def _keep_capabilities() -> bool:
    """Keep capabilities; without the securebit, access(2) would ignore them once the user is not root."""
    try:
        _prctl(_SET_SECUREBITS, _NO_SETUID_FIXUP)
        _prctl(_SET_KEEPCAPS, 1)
    except OSError:
        return False
    return True


def _keep_only_dac_override() -> None:
    bits = 1 << _DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(bits, bits, bits, 0, 0, 0)
    if _libc.capset(header, sets) == 0:
        _prctl(_CAP_AMBIENT, _CAP_AMBIENT_RAISE, _DAC_OVERRIDE)
        return
    empty = (ctypes.c_uint32 * 6)()
    _libc.capset(header, empty)


def _prctl(option: int, *arguments: int) -> None:
    padded = [*arguments, *[0] * (4 - len(arguments))]
    if _libc.prctl(option, *(ctypes.c_ulong(value) for value in padded)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")
