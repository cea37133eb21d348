"""manage.py verify_receipt: whether the receipt of an erasure is ours, and unchanged."""

import json
import sys
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.deletion import receipts


class Command(BaseCommand):
    """Ends with 1 for a receipt that is not ours."""

    help = "Check the signature of an erasure's receipt, as GET /erasures/{erasure_id} shows it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the receipt as JSON; - reads it from the input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line. Raises CommandError."""
        try:
            text = sys.stdin.read() if options["file"] == "-" else Path(options["file"]).read_text()
            receipt = json.loads(text)
            signature = receipt.pop("signature")
            receipt.pop("digest")
            content = orjson.dumps(receipt, option=orjson.OPT_SORT_KEYS)
            is_ours = receipts.is_ours(receipt["erasure_id"], content, signature)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandError("This is no receipt.") from error
        if not is_ours:
            raise CommandError("This receipt was not signed here, or was changed.")
        self.stdout.write(f"Ours: user {receipt['user_id']} was erased by {receipt['finished_at']}.")
