"""The demo organization of an installation that is tried out: made once, kept up to date at every start."""

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Developer
from wearlink.demo import cloud, credentials_file, filling, neighbours, tenant
from wearlink.demo.credentials_file import DemoCredentials, FileLogin
from wearlink.demo.demo_users import DEMO_USERS
from wearlink.demo.upload import UploadFailed
from wearlink.lib import clock

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """`manage.py run` calls it when the API answers."""

    help = "Makes the demo organization with three people and 60 days of data, or brings it up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default=settings.BASE_URL)
        parser.add_argument("--data", type=Path, default=settings.DATA)
        parser.add_argument("--days", type=int, default=filling.DAYS, help="days of data up to today")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Refuse on an installation that may hold real people's data."""
        if not (settings.EMBEDDED or settings.DEBUG):
            raise CommandError("The demo is for embedded or DEBUG installations; this one has a database of its own.")
        base_url, data = options["base_url"].rstrip("/"), options["data"]
        try:
            admin = settings.ROOT_ADMIN_EMAIL or tenant.ADMIN_EMAIL
            made = tenant.make(credentials_file.known_secrets(data), admin, DEMO_USERS, base_url)
            neighbours.make(Developer.objects.by_email(made.admin.email).get())
            filling.fill(made, base_url, clock.now_ms(), options["days"])
            self._connect(made, base_url)  # last: what its vendor tells may come while somebody looks around
        except (UploadFailed, tenant.AdminIsNot) as error:
            raise CommandError(str(error)) from error
        found = DemoCredentials(
            base_url=base_url,
            api_key=made.api_key,
            developer=FileLogin(made.developer.email, made.developer.password),
            admin=FileLogin(made.admin.email, made.admin.password),
            user_ids=[str(end_user.id) for _, end_user in made.demo_users],
        )
        credentials_file.write(data, found)
        self.stdout.write(credentials_file.format_text(found, data))

    def _connect(self, made: tenant.DemoTenant, base_url: str) -> None:
        """Connect the end users that have an account at a simulated vendor."""
        for demo_user, end_user in made.demo_users:
            if demo_user.cloud is not None:
                try:
                    cloud.connect(base_url, made.api_key, str(end_user.id), demo_user.cloud)
                except cloud.NotConnectable as reason:
                    logger.info("The demo goes on without a connection: %s", reason)
