"""manage.py listen: have webhook messages posted to a server on this machine, without a public address or a tunnel."""

import os
import signal
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.webhooks.endpoints import forwarder
from accounts.webhooks.endpoints.forwarder import Api, CannotListen, Forwarder


class Command(BaseCommand):
    """A client of the API: needs a key, and no database."""

    help = "Fetch webhook messages over the API and post them to a local server, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the key, the filter, and where messages are forwarded to."""
        parser.add_argument("--forward", required=True, metavar="URL", help="such as http://127.0.0.1:3000/hook")
        parser.add_argument("--key", default="", help="an API key; default: the variable WEARLINK_API_KEY")
        parser.add_argument("--events", default="", help="event types or wildcards, by commas; default: as an endpoint")
        parser.add_argument("--user", default="", help="only events about this end user (id)")
        parser.add_argument("--secret", default="", help="sign with this secret (whsec_…); default: a new one")
        parser.add_argument("--api", default=f"{settings.BASE_URL}/api/v1", help="default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        key = options["key"] or os.environ.get("WEARLINK_API_KEY", "")
        if not key:
            raise CommandError("Give an API key with --key, or in WEARLINK_API_KEY.")
        filter_types = [one.strip() for one in options["events"].split(",") if one.strip()]
        wanted = forwarder.order(filter_types, options["user"], options["secret"], socket.gethostname())
        for signum in (
            signal.SIGTERM,
            signal.SIGINT,
        ):  # the latter is ignored where a shell starts it in the background
            signal.signal(signum, signal.default_int_handler)
        try:
            Forwarder(Api(options["api"], key), options["forward"], wanted, self._tell).run()
        except CannotListen as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            return

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
