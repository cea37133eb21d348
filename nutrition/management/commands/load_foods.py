"""Loads the food database; part of every release, and of `manage.py run`."""

from typing import Any

from django.core.management.base import BaseCommand

from nutrition.foods.loading import load


class Command(BaseCommand):
    """May run at any time and beside the API: it writes only what differs."""

    help = "Brings the tables of foods up to the files in nutrition/data/."
    requires_system_checks = ()

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Says what changed, at -v 1 and above."""
        done = load()
        if options["verbosity"] and done.foods + done.aliases + done.removed_aliases:
            self.stdout.write(
                f"Foods: {done.foods} written, {done.aliases} spellings written, {done.removed_aliases} removed."
            )
