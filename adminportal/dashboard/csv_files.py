"""Lists of the portal as CSV, streamed: each part is read within the tenant's scope, which has ended by then."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse

from adminportal.kit.tables import csv_headers
from wearlink.lib import tenancy


class CsvAnswer(StreamingHttpResponse):
    """A file, as slowly as the client takes it (wearlink.lib.web.slots.Slots)."""

    needs_no_slot = True

    def __init__(self, organization_id: UUID, name: str, lines: Iterable[Any]) -> None:
        super().__init__(scoped(organization_id, lines), headers=csv_headers(name))


def scoped(organization_id: UUID, lines: Iterable[Any]) -> Iterator[Any]:
    """Yield the same lines, each made while the database shows one organization's rows only."""
    found = iter(lines)
    while True:
        with tenancy.organization(organization_id):
            line = next(found, None)
        if line is None:
            return
        yield line
