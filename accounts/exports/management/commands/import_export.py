"""manage.py import_export: an export of an end user's data into an account that has none."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.exports import reading
from accounts.exports.options import ExportOptions
from accounts.exports.requests import weight_of
from accounts.models import EndUser


class Command(BaseCommand):
    """Ends with 1 where the file is damaged or the account has data."""

    help = "Take an export into an end user's empty account: the same data under other ids. Grants stay behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the ZIP that an export's link gave")
        parser.add_argument("--user", required=True, help="id of the end user")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each type of data. Raises CommandError."""
        user = self._user(options["user"])
        if weight_of(ExportOptions(), user).rows:
            raise CommandError("This end user has data already; an export goes into an empty account.")
        try:
            reading.restore(user, options["file"], lambda name, taken: self.stdout.write(f"{name}: {taken}"))
        except reading.DamagedArchive as error:
            raise CommandError(str(error)) from error

    def _user(self, text: str) -> EndUser:
        try:
            return EndUser.objects.select_related("organization").get(id=UUID(text))
        except (ValueError, EndUser.DoesNotExist) as error:
            raise CommandError(f"There is no end user {text}.") from error
