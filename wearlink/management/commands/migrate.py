"""`migrate` as who owns the tables, then roles, rights and walls for those who serve."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from wearlink.lib.postgres import walls
from wearlink.lib.postgres.owner import as_owner


class Command(migrate.Command):
    """Django's own, as settings.DATABASE_OWNER where that is set, and wearlink.lib.postgres.walls after it."""

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Raise CommandError with what an administrator must do where roles cannot be made."""
        connection = connections[options["database"]]
        application = str(connection.settings_dict["USER"])
        with as_owner(connection):
            super().handle(*arguments, **options)
            if any(options.get(name) for name in ("plan", "check_unapplied", "app_label")):
                return
            try:
                walls.put_up(connection, application)
            except walls.RolesMissing as error:
                raise CommandError(
                    f"The owner of the tables may not make roles. As an administrator run: {error}"
                ) from error
