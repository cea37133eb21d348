"""manage.py rotate_field_keys: encrypt everything stored with the first key of FIELD_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit, field_keys
from accounts.audit import Actor
from accounts.field_keys import BATCH, Rotation


class Command(BaseCommand):
    """Ends with 1 while an older key is still needed."""

    help = (
        "Encrypt stored credentials, tokens, secrets and replies again with the first key of FIELD_KEYS. Put the new "
        "key in front, restart everything, run this, then drop the old key. It may be interrupted and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help="rows a transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each table. Raises CommandError where rows are left."""
        if options["batch"] < 1:
            raise CommandError("--batch must be at least 1.")
        done = []
        for rotation in field_keys.rotate(batch=options["batch"]):
            self.stdout.write(_line(rotation))
            done.append(rotation)
        counts = {rotation.name: rotation.rotated for rotation in done if rotation.rotated}
        audit.record("field_keys.rotated", actor=Actor("system", "rotate_field_keys"), data={"rotated": counts})
        if not all(rotation.complete for rotation in done):
            raise CommandError("Some rows still need an older key: keep it in FIELD_KEYS and see the lines above.")
        self.stdout.write("Everything is encrypted with the first key; the others may be dropped.")


def _line(rotation: Rotation) -> str:
    summary = f"{rotation.name}: {rotation.rotated} encrypted again, {rotation.current} had the first key"
    for word, keys in (("cannot be read", rotation.unreadable), ("kept changing", rotation.raced)):
        if keys:
            shown = ", ".join(map(str, keys[:10])) + (", …" if len(keys) > 10 else "")
            summary += f", {len(keys)} {word} (keys {shown})"
    return summary
