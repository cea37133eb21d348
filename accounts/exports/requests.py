"""Asking for an export: queued for a worker, or made at once where there is little."""

import tempfile
from contextlib import ExitStack
from typing import IO, Final

from django.db import transaction

from accounts import audit
from accounts.deletion.erasure import UserGone, lock_user
from accounts.end_users.users import EndUserNotFound
from accounts.exports import archive
from accounts.exports.archive import ArchiveEnd
from accounts.exports.contract import ExportScope, ExportWeight
from accounts.exports.models import DataExport
from accounts.exports.options import ExportOptions
from accounts.models import EndUser
from wearlink.lib import clock
from wearlink.lib.errors import Conflict, TooManyRequests, Unavailable
from wearlink.lib.work.task_queue import WakeUp

MAKE: Final = WakeUp("accounts.exports.tasks.make", queue="long")
MAX_OPEN: Final = 3  # of one end user
RETRY_AFTER: Final = 60
IN_BAND_ROWS: Final = 100_000
IN_BAND_BYTES: Final = 20 * 1024 * 1024  # of photos
IN_MEMORY: Final = 4 * 1024 * 1024  # of an archive answered at once; what is larger lies on disk


class ExportTooLarge(Conflict):
    """Too much to be answered while the caller waits."""

    default_code = "export_too_large"


@transaction.atomic
def queue(end_user: EndUser, options: ExportOptions, actor: audit.Actor) -> DataExport:
    """Have an export made. Raises TooManyRequests while too many of this end user wait, EndUserNotFound if erased."""
    try:
        lock_user(end_user.key)
    except UserGone as error:
        raise EndUserNotFound("User not found") from error
    if DataExport.objects.for_user(end_user.key).open().count() >= MAX_OPEN:
        detail = f"{MAX_OPEN} exports of this user are on their way. Please wait for one of them."
        raise TooManyRequests(detail, retry_after=RETRY_AFTER, code="backlog")
    export = DataExport.objects.create(
        organization_id=end_user.organization_id,
        user_key=end_user.key,
        user_id=end_user.id,
        options=options.to_row(),
    )
    MAKE.request_work()
    _record("data_export.requested", end_user, options, actor, export)
    return export


def weight_of(options: ExportOptions, end_user: EndUser) -> ExportWeight:
    """Return how much an export would hold, about."""
    scope = options.scope(end_user.key, end_user.id)
    weights = [part.weight(scope) for part in options.parts() if part.weight is not None]
    return ExportWeight(sum(one.rows for one in weights), sum(one.bytes for one in weights))


def make_now(end_user: EndUser, options: ExportOptions, actor: audit.Actor) -> IO[bytes]:
    """Return the archive, at its beginning, on disk where it is large. Raises ExportTooLarge, EndUserNotFound,
    Unavailable.
    """
    scope, total = options.scope(end_user.key, end_user.id), weight_of(options, end_user)
    if total.rows > IN_BAND_ROWS or total.bytes > IN_BAND_BYTES:
        raise ExportTooLarge(
            f"This user has about {total.rows:,} rows; up to {IN_BAND_ROWS:,} (and "
            f"{IN_BAND_BYTES // 1024**2} MB of photos) are answered at once. POST /users/{{user_id}}/export/async "
            "takes any number."
        )
    with ExitStack() as on_failure:
        file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the answer
        on_failure.callback(file.close)
        _write_archive(file, end_user, options, scope)
        on_failure.pop_all()
    _record("data_export.answered", end_user, options, actor)
    file.seek(0)
    return file


def _write_archive(file: IO[bytes], end_user: EndUser, options: ExportOptions, scope: ExportScope) -> None:
    try:
        written = []
        for member in archive.members_of(options, scope):
            written.append(archive.write(file, member, at=file.tell(), tick=_nothing))
        ArchiveEnd(None, end_user.id, options, clock.now()).write(file, written, at=0)
    except UserGone as error:
        raise EndUserNotFound("User not found") from error
    except OSError as error:
        raise Unavailable("There is no room to make the archive at the moment. Please try again.") from error


def _record(
    action: str, end_user: EndUser, options: ExportOptions, actor: audit.Actor, export: DataExport | None = None
) -> None:
    data = options.to_row() | ({} if export is None else {"export_id": str(export.id)})
    audit.record(action, actor=actor, organization=end_user.organization, target=end_user, data=data)


def _nothing() -> None:
    """Do nothing: a small archive is written without pauses."""
