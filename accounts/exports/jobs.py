"""Making an archive, a part at a time.

Members are written into a file on the worker's disk. Every so often that file becomes a part in the object store, and
the row says which members it holds: the worker after a crash goes on behind them. Memory holds one block of lines.
"""

import logging
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Any, Final

import msgspec
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from accounts.deletion.erasure import UserGone
from accounts.exports import archive
from accounts.exports.archive import ArchiveEnd, WrittenMember
from accounts.exports.contract import ArchiveMember
from accounts.exports.leases import ExportLease, acquire_next
from accounts.exports.models import ArchivePart
from accounts.exports.options import ExportOptions
from wearlink.lib import storage, tenancy
from wearlink.lib.errors import Unavailable
from wearlink.lib.work.leases import LeaseLost

logger = logging.getLogger(__name__)
BUDGET_SECONDS: Final = 400  # of one task; what is left goes to the next
PART_BYTES: Final = settings.EXPORT_PART_BYTES
PART_SECONDS: Final = 10.0  # as much is done again after a crash, and at most one member
OUTAGE: Final = timedelta(seconds=15)
FIRST_RETRY: Final = timedelta(seconds=5)
_OUTAGES: Final = (OSError, Unavailable, OperationalError, InterfaceError)  # OSError: the disk is full


def run_next() -> bool:
    """Work on one export until it is ready or the time of a task is over; False if none was due.

    What is neither an outage nor somebody else's doing is noted on the row, for a retry, and raised.
    """
    lease = acquire_next()
    if lease is None:
        return False
    try:
        with tenancy.organization(lease.export.organization_id, user_key=lease.export.user_key):
            _make(lease)
    except (LeaseLost, UserGone):
        logger.warning("An export was lost to somebody else, or its end user was erased")
    except Exception as error:  # the export goes back with what happened; only outages are not raised
        _release_after(lease, error)
        if not isinstance(error, _OUTAGES):
            raise
    return True


@dataclass(slots=True)
class _Part:
    """The file on the disk: what was written since the last part was kept."""

    lease: ExportLease
    file: IO[bytes]
    members: list[WrittenMember] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    @property
    def is_full(self) -> bool:
        return self.file.tell() >= PART_BYTES or time.monotonic() - self.begun >= PART_SECONDS

    def add(self, member: ArchiveMember) -> None:
        """Write a member behind the others."""
        tick = archive.Pace(1.0, self.lease.renew)
        at = self.lease.export.written + self.file.tell()
        self.members.append(archive.write(self.file, member, at=at, tick=tick))

    def keep(self) -> None:
        """Make it a part, and note in the row what it holds. Raises LeaseLost; nothing of it stays then."""
        if self.members:
            self._put(lambda parts, members: self.lease.write(parts=parts, members=members, attempts=0, error=""))
            self.file.seek(0)
            self.file.truncate()
            self.members, self.begun = [], time.monotonic()

    def finish(self, end: ArchiveEnd) -> None:
        """Put README, manifest and directory behind the members: the export is ready. Raises LeaseLost, UserGone."""
        members = [*msgspec.convert(self.lease.export.members, list[WrittenMember]), *self.members]
        size = end.write(self.file, members, at=self.lease.export.written)
        self._put(lambda parts, members: self.lease.finish(parts=parts, members=members, size_bytes=size))

    def _put(self, note: Callable[[list[ArchivePart], list[dict[str, Any]]], None]) -> None:
        """Write the part to the store under a name of its own, in case the lease is lost, and then to the row."""
        export, size = self.lease.export, self.file.tell()
        name = f"{len(export.parts):05}-{uuid.uuid4().hex[:8]}"
        self.lease.renew()
        storage.put_file(export.part_key(name), self.file)
        try:
            note([*export.parts, (name, size)], [*export.members, *msgspec.to_builtins(self.members)])
        except (LeaseLost, UserGone):
            storage.delete(export.part_key(name))
            raise


def _make(lease: ExportLease) -> None:
    export, deadline = lease.export, time.monotonic() + BUDGET_SECONDS
    options = ExportOptions.of_row(export.options)
    done = {one["name"] for one in export.members}
    with tempfile.TemporaryFile() as file:
        part = _Part(lease, file)
        for member in archive.members_of(options, options.scope(export.user_key, export.user_id)):
            if member.path in done:
                continue
            part.add(member)
            if part.is_full:
                part.keep()
            if time.monotonic() > deadline:
                part.keep()
                lease.release()
                return
        part.finish(ArchiveEnd(export.id, export.user_id, options, export.started_at or export.created_at))


def _release_after(lease: ExportLease, error: Exception) -> None:
    """End the attempt. An outage costs none; any other error is tried five times at the same place."""
    attempts, outage = lease.export.attempts, isinstance(error, _OUTAGES)
    logger.log(
        logging.WARNING if outage else logging.ERROR,
        "Export %s waits: %s", lease.export.id, type(error).__name__, exc_info=None if outage else error,
    )  # fmt: skip
    if connection.connection is not None and not connection.is_usable():
        connection.close()  # so that the next query opens a new one
    detail = "A part of the service has no room or did not answer; the export goes on later."
    due, attempts = (OUTAGE, max(attempts - 1, 0)) if outage else (FIRST_RETRY * 2 ** max(attempts - 1, 0), attempts)
    if not outage:
        detail = f"Making it failed ({type(error).__name__}); it is tried again."
    try:
        lease.release(due, attempts=attempts, error=detail)
    except (DatabaseError, LeaseLost) as failure:  # the lease runs out by itself
        logger.warning("An export could not be given back: %s", type(failure).__name__)
