"""Loads the food database; part of every release, and of `manage.py run`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from nutrition.foods.loading import load
from wearlink.lib.postgres.owner import as_owner


class Command(BaseCommand):
    """May run at any time and beside the API: it writes only what differs."""

    help = "Brings the tables of foods up to the files in nutrition/data/."
    requires_system_checks = ()

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Say what changed, at -v 1 and above."""
        with as_owner(connection):  # an index is cleaned, and statistics taken, by who owns the table
            done = load()
        if options["verbosity"] and done.foods + done.aliases + done.removed_aliases:
            self.stdout.write(
                f"Foods: {done.foods} written, {done.aliases} spellings written, {done.removed_aliases} removed."
            )
