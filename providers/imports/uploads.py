"""Taking whole files in. When `receive` returns, the file is stored durably and will be read, broker or no broker."""

import uuid
from dataclasses import dataclass
from typing import IO, Final

from django.conf import settings
from django.db import transaction

from accounts import usage
from accounts.deletion.erasure import UserGone, lock_user
from providers import registry
from providers.contract import FileImport
from providers.models import ImportJob
from wearlink.lib import clock, storage
from wearlink.lib.errors import InvalidInput, NotFound, TooLarge, TooManyRequests

FIELD: Final = "file"
MAX_BACKLOG: Final = 10
RETRY_AFTER: Final = 60
_SNIFF: Final = 4096


@dataclass(frozen=True, slots=True)
class UploadedImport:
    """A file somebody sent: whose it is, of what kind (FileImport.kind), and how many bytes it has."""

    user_key: int
    organization_id: uuid.UUID
    kind: str
    file: IO[bytes]
    size: int


def check_size(size: int) -> None:
    """Raise TooLarge for more bytes than a direct upload may have."""
    limit: int = settings.IMPORT_MAX_UPLOAD_BYTES
    if size > limit:
        raise TooLarge(f"The file is larger than the {limit // (1024 * 1024)} MB accepted here.")


def receive(upload: UploadedImport) -> ImportJob:
    """Keep a file until it is imported.

    Raises InvalidInput when it is not of its kind by its first bytes, TooManyRequests when too many imports of this
    end user or of the organization wait, Unavailable when it cannot be stored (nothing of it is kept then), NotFound
    when the end user was erased.
    """
    provider, file_import = registry.file_imports()[upload.kind]
    _check_content(upload, file_import)
    _check_backlog(upload.user_key)
    check_organization(upload.organization_id)
    job = ImportJob(
        user_key=upload.user_key,
        organization_id=upload.organization_id,
        provider=provider,
        kind=upload.kind,
        size=upload.size,
    )
    job.object_key = f"imports/{upload.user_key}/{job.job_id}"
    storage.put_file(job.object_key, upload.file)
    stored = False
    try:
        _insert(job)
        stored = True
    finally:
        if not stored:
            storage.delete(job.object_key)
    return job


@transaction.atomic
def _insert(job: ImportJob) -> None:
    try:
        lock_user(job.user_key)
    except UserGone as error:
        raise NotFound("User not found") from error
    job.save(force_insert=True)
    usage.add(job.organization_id, {usage.OBJECT_BYTES: job.size})


def _check_content(upload: UploadedImport, file_import: FileImport) -> None:
    upload.file.seek(0)
    head = upload.file.read(_SNIFF)
    if not head:
        raise InvalidInput.on(FIELD, "The file is empty.", code="empty_file")
    if not file_import.recognises(head):
        raise InvalidInput.on(
            FIELD,
            file_import.otherwise,
            code="unsupported_file",
        )


def _check_backlog(user_key: int) -> None:
    if ImportJob.objects.for_user(user_key).open().count() >= MAX_BACKLOG:
        raise _backlog(MAX_BACKLOG, "user")


def check_organization(organization_id: uuid.UUID) -> None:
    """Raise TooManyRequests while too many imports of an organization wait, for their turn or for their file."""
    limit: int = settings.ORGANIZATION_IMPORT_BACKLOG
    rows = ImportJob.objects.of_organization(organization_id)
    if rows.open().count() + rows.awaiting().filter(upload_until__gt=clock.now()).count() >= limit:
        raise _backlog(limit, "organization")


def _backlog(limit: int, whose: str) -> TooManyRequests:
    return TooManyRequests(
        f"{limit} imports of this {whose} wait to be processed. Send the next one a little later.",
        code="backlog",
        retry_after=RETRY_AFTER,
    )
