"""manage.py renormalise: read stored payloads again."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import EndUser
from providers import registry
from providers.payloads.renormalise import RenormaliseResult, renormalise, selection


class Command(BaseCommand):
    """Prints what would change; with --apply it changes."""

    help = "Run stored payloads through their adapters again. A dry run unless --apply is given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", choices=sorted(registry.providers()))
        parser.add_argument("--user", help="id of an end user")
        parser.add_argument("--since", type=_day, help="received on this date or later (UTC), as in 2026-04-15")
        parser.add_argument("--apply", action="store_true", help="write what changes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each payload whose records would change or that cannot be read, and the sums."""
        found = selection(
            provider=options["provider"], user_key=_user_key(options["user"]), since=options["since"]
        )  # fmt: skip
        sums = {"payloads": 0, "inserted": 0, "updated": 0, "unchanged": 0, "rejected": 0, "unreadable": 0}
        for outcome in renormalise(found, apply=options["apply"]):
            sums["payloads"] += 1
            sums["unreadable"] += bool(outcome.error)
            for name in ("inserted", "updated", "unchanged", "rejected"):
                sums[name] += getattr(outcome, name)
            if outcome.error or outcome.inserted or outcome.updated:
                self.stdout.write(_line(outcome))
        self.stdout.write(" ".join(f"{name}={count}" for name, count in sums.items()))
        if not options["apply"]:
            self.stdout.write("Dry run: nothing was changed. Repeat with --apply to write it.")


def _line(outcome: RenormaliseResult) -> str:
    payload = outcome.payload
    if outcome.error:
        return f"{payload.batch_id} {payload.provider} unreadable: {outcome.error}"
    return (
        f"{payload.batch_id} {payload.provider} inserted={outcome.inserted} updated={outcome.updated} "
        f"unchanged={outcome.unchanged} rejected={outcome.rejected}"
    )


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _user_key(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return EndUser.objects.values_list("key", flat=True).get(id=text)
    except (EndUser.DoesNotExist, ValidationError) as error:
        raise CommandError(f"There is no end user {text}.") from error
