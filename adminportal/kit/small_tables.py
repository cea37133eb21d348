"""Lists that are in memory already: sorted, searched and exported like those of the database, several to a page.

A page has one address, so each list has its name before its words in it: ``?lines-sort=-cost&lines-q=vision``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from adminportal.kit.tables import Head, Table, TableColumn, address, cell_of, csv_headers, csv_lines

ACT: Final = "act"  # the kind of a column that holds a button
SEARCHED_FROM: Final = 8  # rows: fewer are seen at a glance


@dataclass(frozen=True, slots=True)
class SmallListing:
    """A page's declaration of a short list; every column can be sorted by, but for those of buttons.

    bad: whether a row is drawn as a warning.
    """

    name: str
    title: str
    columns: Sequence[TableColumn]
    empty: str = "There is nothing yet."
    note: str = ""
    bad: Callable[[Any], bool] | None = None

    def table(self, request: HttpRequest, rows: Sequence[Any]) -> Table:
        """Return the list as the address asks for it."""
        found, sort = self._found(request, rows), self._sort(request)
        q = request.GET.get(self._q_name, "").strip()
        return Table(
            name=self.name,
            heads=[self._head(column, request, sort) for column in self.columns],
            rows=[[cell_of(column, row) for column in self.columns] for row in found],
            total=len(found),
            first=1 if found else 0,
            last=len(found),
            previous_href="",
            next_href="",
            csv_href=address(request, format="csv", table=self.name),
            filters=[],
            q=q if len(rows) >= SEARCHED_FROM else None,
            sort=sort,
            is_filtered=bool(q),
            empty=self.empty,
            title=self.title,
            note=self.note,
            q_name=self._q_name,
            sort_name=self._sort_name,
            kept=[
                (name, str(value)) for name, value in request.GET.items() if name not in (self._q_name, self._sort_name)
            ],
            is_whole=True,
            bad_rows=frozenset(place for place, row in enumerate(found) if self.bad and self.bad(row)),
        )

    def csv(self, request: HttpRequest, rows: Sequence[Any]) -> HttpResponse:
        """Return what `table` shows, as a file."""
        columns = [column for column in self.columns if column.kind != ACT]
        return HttpResponse("".join(csv_lines(columns, self._found(request, rows))), headers=csv_headers(self.name))

    @property
    def _q_name(self) -> str:
        return f"{self.name}-q"

    @property
    def _sort_name(self) -> str:
        return f"{self.name}-sort"

    def _found(self, request: HttpRequest, rows: Sequence[Any]) -> list[Any]:
        """Return rows with the text in any column, in the order asked for; what is missing comes last either way."""
        q = request.GET.get(self._q_name, "").strip().casefold()
        found = [row for row in rows if not q or any(q in _words(column, row) for column in self.columns)]
        sort = self._sort(request)
        column = next((one for one in self.columns if one.title == sort.removeprefix("-")), None)
        if column is None:
            return found
        known = [row for row in found if _key(column, row) is not None]
        missing = [row for row in found if _key(column, row) is None]
        return sorted(known, key=lambda row: _key(column, row), reverse=sort.startswith("-")) + missing

    def _sort(self, request: HttpRequest) -> str:
        wanted = request.GET.get(self._sort_name, "")
        titles = {column.title for column in self.columns if column.kind != ACT and column.title}
        return wanted if wanted.removeprefix("-") in titles else ""

    def _head(self, column: TableColumn, request: HttpRequest, sort: str) -> Head:
        if column.kind == ACT or not column.title:
            return Head(column, "", "")
        order = {column.title: "ascending", f"-{column.title}": "descending"}.get(sort, "")
        turned = column.title if order == "descending" else f"-{column.title}"
        return Head(column, address(request, **{self._sort_name: turned}), order)


def _key(column: TableColumn, row: Any) -> Any:
    value = column.value(row)
    if isinstance(value, tuple):  # a status: its word
        value = value[1]
    return value.casefold() if isinstance(value, str) else value


def _words(column: TableColumn, row: Any) -> str:
    return "" if column.kind == ACT else str(_key(column, row) or "").casefold()
