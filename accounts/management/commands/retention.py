"""manage.py retention: what is older than the platform keeps it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.deletion import retention
from wearlink.lib import clock


class Command(BaseCommand):
    """A dry run, unless --apply is given."""

    help = "Tell what the retention settings would remove now; with --apply, remove it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="remove it now instead of tonight")

    def handle(self, *args: Any, **options: Any) -> None:
        for found in retention.preview():
            name, setting = found.rule.name, found.rule.setting
            if found.before is None:
                self.stdout.write(f"{name}: kept for ever ({setting}=0)")
                continue
            before = clock.rfc3339(clock.to_ms(found.before) // 1000 * 1000)
            if options["apply"]:
                self.stdout.write(f"{name}: {retention.apply(name)} from before {before} removed ({setting})")
            else:
                self.stdout.write(f"{name}: {found.rows} from before {before} would be removed ({setting})")
