"""Lists of the portal as CSV, streamed: each part is read within the tenant's scope, which has ended by then."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse

from adminportal.kit.tables import TableColumn, csv_headers, csv_lines
from wearlink.lib import tenancy


class CsvAnswer(StreamingHttpResponse):
    """A file, as slowly as the client takes it (wearlink.lib.web.slots.Slots)."""

    needs_no_slot = True

    def __init__(self, organization_id: UUID, name: str, lines: Iterable[Any]) -> None:
        super().__init__(scoped(organization_id, lines), headers=csv_headers(name))


def answer_with(organization_id: UUID, name: str, rows: Sequence[Mapping[str, Any]]) -> CsvAnswer:
    """Return rows as the API shows them; what lies within an object has its own column, as ``source.device``."""
    flat = [dict(_flat(row)) for row in rows]
    titles = dict.fromkeys(title for row in flat for title in row)
    columns = [TableColumn(title, partial(_value, title)) for title in titles]
    return CsvAnswer(organization_id, name, csv_lines(columns, flat))


def wanted(request: HttpRequest) -> bool:
    """Return whether the address asks for the file of a list instead of its page."""
    return request.GET.get("format") == "csv"


def _flat(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list):
            yield f"{before}{name}", "; ".join(str(one) for one in value)
        else:
            yield f"{before}{name}", value


def _value(title: str, row: Mapping[str, Any]) -> Any:
    return row.get(title)


def scoped(organization_id: UUID, lines: Iterable[Any]) -> Iterator[Any]:
    """Yield the same lines, each made while the database shows one organization's rows only."""
    found = iter(lines)
    while True:
        with tenancy.organization(organization_id):
            line = next(found, None)
        if line is None:
            return
        yield line
