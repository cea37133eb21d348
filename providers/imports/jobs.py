"""Imports: an uploaded export becomes stored records, slice by slice.

The file is first unpacked and filtered once as a whole, so that one which must not be read (declarations, a bomb, a
damaged archive) fails before anything of it is stored. Then slices are stored, each in one transaction with the job's
place in the file: the worker after a crash skips what is committed and goes on, and nothing is stored twice.
"""

import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from accounts.deletion.erasure import UserGone, lock_user
from accounts.end_users import zones
from healthdata.days import ZoneHistory
from healthdata.ingest import ingest
from healthdata.store import StoreResult
from healthdata.webhooks import ranges
from healthdata.webhooks.emit import OMITTED_FROM
from providers import registry
from providers.contract import Context, FileFault, FileImport, OpenedFile, RecordSlice, RefusedFile
from providers.imports.emission import ranges_of, to_stored
from providers.imports.leases import ImportLease, acquire
from providers.models import ImportJob
from providers.payloads.process import is_outage
from providers.payloads.rejections import Rejections
from wearlink.lib import clock, storage, tenancy
from wearlink.lib.errors import NotFound
from wearlink.lib.work.forked import forked
from wearlink.lib.work.leases import LeaseLost

logger = logging.getLogger(__name__)

BUDGET_SECONDS: Final = 400  # of one turn; what is left goes to the next
FAIR_SECONDS: Final = 30  # of one turn while other organizations wait; to find the place again costs some of the next
APART_FROM: Final = 1024 * 1024  # bytes of a file that is worth a process of its own
BLOCKS_AHEAD: Final = 32  # 2 MB: as much as one call to a bucket brings
OUTAGE: Final = timedelta(seconds=15)
FIRST_RETRY: Final = timedelta(seconds=5)
_CHANGED: Final = "The file was replaced while it was read. What was read until then is stored."

Watch = Callable[[ImportJob], None]
Question = Callable[[], bool]


def run(job_id: uuid.UUID, *, watch: Watch | None = None, others_wait: Question | None = None) -> bool:
    """Work on a job until it ends or the time of one turn is over; True if there is more to do at once.

    `watch` is shown the job after each step; `others_wait` is asked whether the turn should be a short one. Does
    nothing while somebody else holds the job. What is neither the file's fault nor an outage is noted on the row, for a
    retry, and raised.
    """
    lease = acquire(job_id)
    if lease is None:
        return False
    try:
        with tenancy.organization(lease.job.organization_id, user_key=lease.job.user_key):
            return _work(lease, watch or _ignore, others_wait or _nobody)
    except (LeaseLost, UserGone):
        logger.warning("An import was lost to somebody else; its unfinished slice is rolled back")
    except Exception as error:  # the job goes back with what happened; only outages are not raised
        _release_after(lease, error)
        if not is_outage(error):
            raise
    return False


def _ignore(_job: ImportJob) -> None:
    """Watch nothing."""


def _nobody() -> bool:
    """Return False, for a caller who works for one organization alone."""
    return False


def _work(lease: ImportLease, watch: Watch, others_wait: Question) -> bool:
    try:
        return _run(lease, watch, others_wait)
    except RefusedFile as error:
        lease.finish(ImportJob.State.FAILED, error_code=error.code, error=str(error))
        return False
    except storage.ObjectChanged:
        lease.finish(ImportJob.State.FAILED, error_code="upload_changed", error=_CHANGED)
        return False


def _run(lease: ImportLease, watch: Watch, others_wait: Question) -> bool:
    begun = time.monotonic()
    with _slices(lease.job) as parts:
        if not lease.job.checked:
            _check(lease, watch)
        for part in parts:
            faults = part.faults
            if not part:
                lease.renew()
                continue
            _store(lease, part)
            watch(lease.job)
            spent = time.monotonic() - begun
            if spent > BUDGET_SECONDS or (spent > FAIR_SECONDS and others_wait()):
                lease.release()
                return True
    _finish(lease, faults)
    watch(lease.job)
    return False


def _file_import(job: ImportJob) -> FileImport:
    return registry.file_imports()[job.kind][1]


@contextmanager
def _opened(job: ImportJob) -> Iterator[OpenedFile]:
    try:
        file = storage.open(job.object_key, job.object_version)
    except NotFound as error:
        raise RefusedFile("upload_missing", "The uploaded file is gone.") from error
    with file:
        yield _file_import(job).open(file, settings.IMPORT_MAX_EXPANDED_BYTES)


@contextmanager
def _slices(job: ImportJob) -> Iterator[Iterator[RecordSlice]]:
    """Yield what is still to be stored. A file of some size is read by a process of its own, while this one makes
    records of what was read, and stores them.
    """
    context = Context(
        clock.to_ms(job.created_at),
        ZoneHistory(zones.history(job.user_key)),
        zone_is_set=zones.is_set(job.user_key),
    )
    normalised = _file_import(job).normaliser(context)
    if job.size < APART_FROM:
        yield map(normalised, _read(job, context))
        return
    # Only a bucket makes a reader wait. For a file on the disk a thread that unpacks takes time from the parser.
    ahead = BLOCKS_AHEAD if storage.bucket() else 0  # and loads what a bucket needs; the copy shares it
    with forked("import-reader", lambda: _read(job, context, ahead=ahead)) as parts:
        yield map(normalised, parts)


def _read(job: ImportJob, context: Context, ahead: int = 0) -> Iterator[RecordSlice]:
    with _opened(job) as opened:
        yield from opened.slices(context, skip=job.elements, ahead=ahead)


def _check(lease: ImportLease, watch: Watch) -> None:
    total = 0
    with _opened(lease.job) as opened:
        for read in opened.check(count_to=OMITTED_FROM):
            total = read
            lease.renew()
    lease.write(checked=True, bytes_total=total, large=opened.expected_samples > OMITTED_FROM)
    watch(lease.job)


def _store(lease: ImportLease, part: RecordSlice) -> None:
    """Store a slice and the job's place behind it, in one commit."""
    job = lease.job
    rejections = Rejections()
    rejections.counts.update(job.rejected)
    rejections.examples.extend(job.reject_samples)
    for item in part.rejected:
        rejections.add(item)
    with transaction.atomic():
        lock_user(job.user_key)
        lease.lock()
        batch = [*part.columns, *part.records]
        (result,) = ingest(job.user_key, [batch], samples=not job.large, causes=[f"import:{job.job_id}"])
        rejections.add_crowded(result.refused)
        lease.write(
            **_pending_ranges(job, result),
            attempts=0,
            error="",
            elements=part.position,
            bytes_read=max(part.bytes_read, job.bytes_read),
            inserted=job.inserted + result.inserted,
            updated=job.updated + result.updated,
            unchanged=job.unchanged + result.unchanged,
            counts=dict(Counter(job.counts) + part.counts()),
            rejected=dict(rejections.counts),
            reject_samples=rejections.examples,
        )


def _pending_ranges(job: ImportJob, result: StoreResult) -> dict[str, Any]:
    """Return the ranges that a large import tells at its end, with this slice's."""
    if not job.large:
        return {}
    found = [*ranges_of(job).items(), *ranges.of_results(job.user_key, [result]).items()]
    return {"ranges": to_stored(ranges.together(found))}


def _finish(lease: ImportLease, faults: list[FileFault]) -> None:
    job = lease.job
    if faults and not job.elements:
        raise RefusedFile("not_well_formed", "The file is broken before its first record.")
    warnings = [{"code": fault.code, "message": fault.message, "line": fault.line} for fault in faults]
    harmless = _file_import(job).harmless
    flawed = bool(faults) or any(not reason.startswith(harmless) for reason in job.rejected)
    state = ImportJob.State.COMPLETED_WITH_ERRORS if flawed else ImportJob.State.DONE
    lease.finish(state, warnings=warnings, error="", bytes_read=job.bytes_total or job.bytes_read)


def _release_after(lease: ImportLease, error: Exception) -> None:
    """End the attempt. An outage costs none; another error may be the file's, and is tried five times."""
    attempts = lease.job.attempts
    outage = is_outage(error)
    logger.log(
        logging.WARNING if outage else logging.ERROR,
        "Import %s waits: %s", lease.job.job_id, type(error).__name__, exc_info=None if outage else error,
    )  # fmt: skip
    detail = "A part of the service did not answer; the import goes on later."
    due, attempts = (OUTAGE, max(attempts - 1, 0)) if outage else (FIRST_RETRY * 2 ** max(attempts - 1, 0), attempts)
    if not outage:
        detail = f"Processing failed ({type(error).__name__}); it is tried again."
    if connection.connection is not None and not connection.is_usable():
        connection.close()  # so that the next query opens a new one
    try:
        lease.release(due, attempts=attempts, error=detail)
    except (DatabaseError, LeaseLost) as failure:  # the lease runs out by itself
        logger.warning("An import could not be given back: %s", type(failure).__name__)
