"""Files that come by a signed link: who may send one, and what is believed of it.

Whatever tells that a file is there (the store's notification, its sender, our own address for it) is a reason to look
and nothing more: the store's word on the object counts, and the row moves on once, however often it is reported.
"""

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts import usage
from accounts.deletion.erasure import UserGone, lock_user
from providers import registry
from providers.imports import emission
from providers.imports.uploads import check_organization
from providers.models import ImportJob
from wearlink.lib import clock, storage
from wearlink.lib.errors import Conflict, NotFound, TooLarge, TooManyRequests
from wearlink.lib.storage import StoredObject
from wearlink.lib.web import signed_puts
from wearlink.lib.web.signed_puts import SignedPut, TakenBody

MIN_LINK_SECONDS: Final = 60  # seconds for which a link is good
MAX_LINK_SECONDS: Final = 3600
MAX_AWAITED: Final = 10
RETRY_AFTER: Final = 60
FIRST_LOOK: Final = timedelta(seconds=60)
MAX_RETRY_DELAY: Final = timedelta(minutes=10)
ARRIVAL_TIMEOUT: Final = timedelta(hours=6)  # what begins before the link ends may take so long to arrive
BATCH_SIZE: Final = 200
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WantedUpload:
    """A file somebody wants to send: whose it is, its kind (FileImport.kind), its size if known, and for how long."""

    user_key: int
    organization_id: uuid.UUID
    kind: str
    size: int | None
    seconds: int


def offer(wanted: WantedUpload) -> tuple[ImportJob, SignedPut]:
    """Open an import and sign a link for its file. The key is ours: no word of the sender's is in it.

    Raises TooLarge, TooManyRequests while too many files of this end user are awaited or too many imports of the
    organization wait, NotFound after an erasure.
    """
    limit: int = settings.IMPORT_MAX_OBJECT_BYTES
    if wanted.size is not None and wanted.size > limit:
        raise TooLarge(f"The file is larger than the {limit} bytes accepted.")
    check_organization(wanted.organization_id)
    seconds = min(max(wanted.seconds, MIN_LINK_SECONDS), MAX_LINK_SECONDS)
    provider, _ = registry.file_imports()[wanted.kind]
    job = ImportJob(
        user_key=wanted.user_key,
        organization_id=wanted.organization_id,
        provider=provider,
        kind=wanted.kind,
        state=ImportJob.State.AWAITING_UPLOAD,
        announced_size=wanted.size,
        size=0,
        due_at=clock.now() + FIRST_LOOK,
    )
    job.object_key = f"imports/{job.organization_id}/{job.job_id}"
    signed = signed_puts.sign(job.object_key, seconds=seconds, size=wanted.size, most=limit)
    job.upload_until = signed.expires_at
    with transaction.atomic():
        _lock_user(job.user_key)
        _check_awaited(job.user_key)
        job.save(force_insert=True)
    return job, signed


def awaited(key: str) -> ImportJob | None:
    """Return the import that waits for this object."""
    try:
        job_id = uuid.UUID(key.rpartition("/")[2])
    except ValueError:
        return None
    return ImportJob.objects.awaiting().filter(job_id=job_id, object_key=key).first()


def settle(job: ImportJob) -> bool:
    """Look for an awaited file; True if it is there, fit, and this call has queued its import. Raises StoreUnavailable.

    A file that is too large, or not as large as was said, is deleted and ends the import; so does one that never came.
    """
    found = storage.look_up(job.object_key)
    if found is None:
        _wait(job)
        return False
    code, fault = _fault(job, found)
    try:
        moved = _move(job, found, code, fault)
    except UserGone:
        storage.delete(job.object_key)
        return False
    if moved and code:
        storage.delete(job.object_key)
        ImportJob.objects.filter(pk=job.pk).update(object_key="")
    return moved and not code


def receive(body: TakenBody) -> ImportJob:
    """Make a body that came to our own address the file of its import, and queue that.

    Raises Conflict if the import has its file already or waits no more, StoreUnavailable.
    """
    job = awaited(body.key)
    if job is None:
        raise Conflict("The link was used already, or its import has ended.", code="upload_used")
    with transaction.atomic():
        _lock_user(job.user_key)
        row = ImportJob.objects.awaiting().select_for_update().filter(pk=job.pk).first()
        if row is None:
            raise Conflict("The link was used already, or its import has ended.", code="upload_used")
        storage.directory().adopt(body.key, body.part)
    settle(job)
    return job


def look_for_awaited() -> Iterator[ImportJob]:
    """Look for every awaited file whose time has come; gives the imports that can begin."""
    due = ImportJob.objects.awaiting().filter(due_at__lte=clock.now()).order_by("due_at")
    for job in due[:BATCH_SIZE]:
        try:
            if settle(job):
                yield job
        except storage.StoreUnavailable as error:
            logger.warning("Awaited files are looked for later: %s", error.detail)
            return


def _wait(job: ImportJob) -> None:
    """Look again later, the later the longer it takes; in the end give up."""
    now = clock.now()
    if job.upload_until is not None and now > job.upload_until + ARRIVAL_TIMEOUT:
        _move(job, StoredObject(0, ""), "upload_missing", "No file came by the link in time.")
        return
    pause = min(max((now - job.created_at) / 2, FIRST_LOOK), MAX_RETRY_DELAY)
    ImportJob.objects.awaiting().filter(pk=job.pk).update(due_at=now + pause)


def _fault(job: ImportJob, found: StoredObject) -> tuple[str, str]:
    """Return a word and a sentence for what is wrong with an object; empty if nothing is."""
    limit: int = settings.IMPORT_MAX_OBJECT_BYTES
    if found.size > limit:
        return "upload_too_large", f"The file is larger than the {limit} bytes accepted. It was deleted."
    if job.announced_size is not None and found.size != job.announced_size:
        problem = f"The file has {found.size} bytes, but {job.announced_size} were announced."
        return "size_mismatch", f"{problem} It was deleted."
    return "", ""


def _move(job: ImportJob, found: StoredObject, code: str, fault: str) -> bool:
    """Queue the import, or end it where there is a fault; False if somebody else has moved it on. Raises UserGone."""
    changes = {"size": found.size, "object_version": found.version, "state": ImportJob.State.QUEUED}
    now = clock.now()
    if code:
        changes = {"state": ImportJob.State.FAILED, "error_code": code, "error": fault, "finished_at": now}
    with transaction.atomic():
        lock_user(job.user_key)
        if not ImportJob.objects.awaiting().filter(pk=job.pk).update(due_at=now, **changes):
            return False
        job.refresh_from_db()
        if code:
            emission.emit_ended(job)
        else:
            usage.add(job.organization_id, {usage.OBJECT_BYTES: job.size})
    return True


def _lock_user(user_key: int) -> None:
    try:
        lock_user(user_key)
    except UserGone as error:
        raise NotFound("User not found") from error


def _check_awaited(user_key: int) -> None:
    waiting = ImportJob.objects.for_user(user_key).awaiting().filter(upload_until__gt=clock.now())
    if waiting.count() >= MAX_AWAITED:
        raise TooManyRequests(
            f"{MAX_AWAITED} links of this user wait for their files. Use one of them, or wait until they end.",
            code="backlog",
            retry_after=RETRY_AFTER,
        )
