"""Lists as data: columns, filters, sorting, pages and CSV are declared by a page and drawn by one template.

The whole state of a list is in its address, so Back and a copied link show the same.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict, StreamingHttpResponse

from wearlink.lib.api.pagination import cut
from wearlink.lib.clock import rfc3339, to_ms

PAGE_ROWS: Final = 50
LAST_PAGE: Final = 1_000_000
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets would run


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column. `value` gives what a row shows; `kind` how: text, number, place (ungrouped), fine (two decimals),
    figure (of health data), rate (up to four),
    money, rupees, percent, duration, when, status, code, size, share (a bar of 0 to 100) or act (a button: address,
    fields, word).

    sort: the indexed field to order by; empty: not sortable. link: where the cell leads. wide: left out on phones.
    shade: which of seven steps of colour a row has there.
    """

    title: str
    value: Callable[[Any], Any]
    kind: str = "text"
    sort: str = ""
    link: Callable[[Any], str] | None = None
    wide: bool = False
    shade: Callable[[Any], int | None] | None = None

    @property
    def is_number(self) -> bool:
        """Return whether the column is aligned to the right."""
        return self.kind in {
            "number",
            "place",
            "fine",
            "figure",
            "rate",
            "money",
            "rupees",
            "percent",
            "duration",
            "size",
        }


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above the list; choices are (value, word)."""

    name: str
    title: str
    choices: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Cell:
    """The content of one cell."""

    column: TableColumn
    value: Any
    href: str
    shade: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: where a click on it leads, and how the list is sorted by it now (aria-sort)."""

    column: TableColumn
    href: str
    order: str


@dataclass(frozen=True, slots=True)
class ShownFilter:
    """A filter with what is chosen."""

    filter: Filter
    value: str


@dataclass(frozen=True, slots=True)
class Table:
    """A list as the template draws it. `first` and `last` are the numbers of the rows shown, from 1.

    q_name and sort_name are the list's own words in the address, kept the other parameters there. is_whole: no pages.
    bad_rows: places (from 0) of rows that are drawn as a warning.
    """

    name: str
    heads: list[Head]
    rows: list[list[Cell]]
    total: int
    first: int
    last: int
    previous_href: str
    next_href: str
    csv_href: str
    filters: list[ShownFilter]
    q: str | None
    sort: str
    is_filtered: bool
    empty: str
    title: str = ""
    note: str = ""
    q_name: str = "q"
    sort_name: str = "sort"
    kept: Sequence[tuple[str, str]] = ()
    is_whole: bool = False
    bad_rows: frozenset[int] = frozenset()

    @property
    def is_heat(self) -> bool:
        return any(head.column.shade for head in self.heads)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page's declaration of its list. sort: its order unless the address asks for another."""

    name: str
    columns: Sequence[TableColumn]
    filters: Sequence[Filter] = ()
    searchable: bool = True
    sort: str = ""
    empty: str = "There is nothing yet."

    def chosen(self, request: HttpRequest) -> dict[str, str]:
        """Return the filters and the text that the address asks for; what is no choice is left out."""
        found = {}
        for one in self.filters:
            value = request.GET.get(one.name, "")
            if value in {choice for choice, _ in one.choices}:
                found[one.name] = value
        q = request.GET.get("q", "").replace("\x00", "").strip()[:200]
        return found | ({"q": q} if q and self.searchable else {})

    def ordered(self, request: HttpRequest, rows: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
        """Order by the column that the address names, else as declared; a total order, so that pages do not overlap."""
        sort = self._sort(request)
        if not sort:
            return rows
        return rows.order_by(sort, "pk" if not sort.startswith("-") else "-pk")

    def table(self, request: HttpRequest, rows: "QuerySet[Any, Any]") -> Table:
        """Return the page of the list that the address asks for."""
        page = min(max(_whole(request.GET.get("page", "")), 1), LAST_PAGE)
        found = cut(self.ordered(request, rows), offset=(page - 1) * PAGE_ROWS, limit=PAGE_ROWS)
        chosen, sort = self.chosen(request), self._sort(request)
        first = (page - 1) * PAGE_ROWS
        last = first + len(found.rows)
        return Table(
            name=self.name,
            heads=[self._head(column, request, sort) for column in self.columns],
            rows=[[cell_of(column, row) for column in self.columns] for row in found.rows],
            total=found.total,
            first=first + 1 if found.rows else 0,
            last=last,
            previous_href=address(request, page=str(page - 1)) if page > 1 else "",
            next_href=address(request, page=str(page + 1)) if last < found.total else "",
            csv_href=address(request, format="csv", page=""),
            filters=[ShownFilter(one, chosen.get(one.name, "")) for one in self.filters],
            q=chosen.get("q", "") if self.searchable else None,
            sort=request.GET.get("sort", "") if sort else "",
            is_filtered=bool(chosen),
            empty=self.empty,
        )

    def csv(self, request: HttpRequest, rows: "QuerySet[Any, Any]") -> StreamingHttpResponse:
        """Return the whole list as it is filtered, a row at a time; times in UTC, numbers without units."""
        lines = csv_lines(self.columns, self.ordered(request, rows).iterator(chunk_size=2000))
        return StreamingHttpResponse(lines, headers=csv_headers(self.name))

    def _sort(self, request: HttpRequest) -> str:
        wanted = request.GET.get("sort", "")
        fields = {column.sort for column in self.columns if column.sort}
        return wanted if wanted.removeprefix("-") in fields else self.sort

    def _head(self, column: TableColumn, request: HttpRequest, sort: str) -> Head:
        if not column.sort:
            return Head(column, "", "")
        order = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(sort, "")
        turned = column.sort if order == "descending" else f"-{column.sort}"
        return Head(column, address(request, sort=turned, page=""), order)


class _Echo:
    """A file that hands back what is written."""

    def write(self, text: str) -> str:
        return text


def csv_headers(name: str) -> dict[str, str]:
    """Return what an answer says of itself that brings such a file."""
    return {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}.csv"'}


def csv_lines(columns: Sequence[TableColumn], rows: Iterable[Any]) -> Iterator[str]:
    """Yield heads, then a line a row; times in UTC, numbers without units."""
    writer = csv.writer(_Echo())
    yield writer.writerow([column.title for column in columns])
    for row in rows:
        yield writer.writerow([raw(column.value(row)) for column in columns])


def cell_of(column: TableColumn, row: Any) -> Cell:
    """Return what a row shows in a column."""
    shade = column.shade(row) if column.shade else None
    return Cell(column, column.value(row), column.link(row) if column.link else "", shade)


def raw(value: Any) -> Any:
    """Return it as a CSV file has it: times in UTC, the word of a status, and nothing that a spreadsheet would
    run.
    """
    if hasattr(value, "utcoffset"):
        return rfc3339(to_ms(value))
    if isinstance(value, tuple):  # a status: its word
        value = value[1]
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def address(request: HttpRequest, **changed: str) -> str:
    """Return the list's own address with other parameters; an empty one is left out."""
    kept: QueryDict = request.GET
    pairs = [(name, value) for name, value in kept.items() if name not in {*changed, "format", "table"}]
    pairs += [(name, value) for name, value in changed.items() if value]
    return f"?{urlencode(pairs)}"


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 1
