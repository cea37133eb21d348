"""manage.py import_apple: import an Apple Health export from this machine's disk."""

import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import EndUser
from providers.imports import jobs, uploads
from providers.models import ImportJob
from wearlink.lib.errors import WearLinkError

KIND: Final = "apple_xml"
_WIDTH: Final = 30
_PAUSE: Final = 0.2  # seconds between two drawings


class Command(BaseCommand):
    """Shows a progress bar, and the outcome."""

    help = "Import an Apple Health export (ZIP or XML, of any size) for an end user."
    _drawn = 0.0

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=_path, metavar="FILE", help="export.zip or export.xml")
        parser.add_argument("--user", required=True, help="id of the end user")

    def handle(self, *args: Any, **options: Any) -> None:
        """Store the file, import it here, and say what came of it."""
        path: Path = options["file"]
        job = _stored(path, _user(options["user"]))
        while jobs.run(job.job_id, watch=self._draw):
            job.refresh_from_db()
        job.refresh_from_db()
        if self._drawn:
            self.stdout.write("")
        self._tell(job)

    def _draw(self, job: ImportJob) -> None:
        if self.stdout.isatty() and time.monotonic() - self._drawn >= _PAUSE:
            self._drawn = time.monotonic()
            self.stdout.write(f"\r{line(job)}", ending="")
            self.stdout.flush()

    def _tell(self, job: ImportJob) -> None:
        self.stdout.write(line(job))
        for name, counts in (("stored", job.counts), ("rejected", job.rejected)):
            for kind, count in sorted(counts.items(), key=lambda pair: -pair[1]):
                self.stdout.write(f"  {name} {kind}: {count:,}")
        for warning in job.warnings:
            self.stdout.write(f"  line {warning['line']}: {warning['message']} ({warning['code']})")
        if job.state == ImportJob.State.FAILED:
            raise CommandError(f"{job.error} ({job.error_code})")
        if job.finished_at is None:
            raise CommandError(f"The import has not ended and will be gone on with by a worker: {job.error}")


def line(job: ImportJob) -> str:
    """Return the job in one line: a bar, records, speed, time left, state."""
    share = min(job.bytes_read / job.bytes_total, 1) if job.bytes_total else 0
    bar = ("#" * round(share * _WIDTH)).ljust(_WIDTH, "-")
    left = "" if job.seconds_left is None else f"  {job.seconds_left:,.0f} s left"
    return f"[{bar}] {share:4.0%}  {job.records:,} records  {job.records_per_second or 0:,.0f}/s{left}  {job.state}"


def _stored(path: Path, user: EndUser) -> ImportJob:
    try:
        with path.open("rb") as file:
            return uploads.receive(
                uploads.UploadedImport(user.key, user.organization_id, KIND, file, path.stat().st_size)
            )
    except (OSError, WearLinkError) as error:
        raise CommandError(str(error)) from error


def _path(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ArgumentTypeError(f"There is no file {text}.")
    return path


def _user(text: str) -> EndUser:
    try:
        return EndUser.objects.get(id=text)
    except (EndUser.DoesNotExist, ValidationError) as error:
        raise CommandError(f"There is no end user {text}.") from error
