"""Vendors on this machine, for trying the whole way without an account at any of them."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers.simulator.server import PushThread, bind
from providers.simulator.world import SimulatedWorld


class Command(BaseCommand):
    """Answers until it is stopped."""

    help = "Serves simulated vendors (OAuth, REST, webhooks) and prints the settings that point WearLink at them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8090)
        parser.add_argument("--push-every", type=float, default=60.0, help="seconds between pushes; 0 for none")
        parser.add_argument("--state", type=Path, help="file that keeps who is connected over a restart")

    def _tell(self, world: SimulatedWorld) -> None:
        self.stdout.write(f"Simulated vendors answer at {world.url}. Settings:")
        for slug in world.vendors:
            for name, value in world.settings(slug).items():
                self.stdout.write(f"  {name}={value}")
        self.stdout.flush()

    def handle(self, *arguments: Any, **options: Any) -> None:
        world = SimulatedWorld(file=options["state"])
        try:
            server = bind(world, options["host"], options["port"])
        except OSError as error:
            raise CommandError(f"Port {options['port']} cannot be used ({error.strerror}).") from error
        if options["verbosity"] > 0:
            self._tell(world)
        pusher = PushThread(world, options["push_every"])
        if options["push_every"] > 0:
            pusher.start()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        finally:
            pusher.ended.set()
            server.server_close()
