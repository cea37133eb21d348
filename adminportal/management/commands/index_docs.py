"""Makes what the documentation's search and the reference read, unless a process of this build has."""

from typing import Any

from django.core.management.base import BaseCommand

from adminportal.docs import search


class Command(BaseCommand):
    help = "Makes the index of the documentation's search and the OpenAPI document, and keeps them in the cache."

    def handle(self, *args: Any, **options: Any) -> None:
        search.keep_index()
