"""manage.py generate_tenants: many tenants to look at the platform's pages with."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from adminportal.made_up_tenants import TenantVolume, create


class Command(BaseCommand):
    """Adds made-up tenants with end users, two years of counters and an audit trail."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        usual = TenantVolume()
        parser.add_argument("--organizations", type=int, default=usual.organizations)
        parser.add_argument("--end-users", type=int, default=usual.end_users, help="of each organization")
        parser.add_argument("--acts", type=int, default=usual.acts, help="of each organization")
        parser.add_argument("--days", type=int, default=usual.days, help="of counters")
        parser.add_argument("--force", action="store_true", help="also outside the embedded run")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError where it might be somebody's real platform."""
        if not settings.EMBEDDED and not options["force"]:
            raise CommandError("This database is not the embedded one. Add --force to fill it all the same.")
        began = time.monotonic()
        create(TenantVolume(options["organizations"], options["end_users"], options["acts"], options["days"]))
        self.stdout.write(f"{options['organizations']:,} tenants in {time.monotonic() - began:.0f} s")
