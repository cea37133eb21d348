"""Lists in the documented shape: {"data": […], "pagination": {…}}. docs/api-conventions.md says which goes on how."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from rest_framework import serializers

Row = TypeVar("Row")

MAX_PAGE = 1_000_000
MAX_OFFSET = 10_000_000


class PageQuery(serializers.Serializer[Any]):
    """The query parameters ?page and ?limit."""

    page = serializers.IntegerField(min_value=1, max_value=MAX_PAGE, default=1, help_text="Page number, from 1.")
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20, help_text="Items a page.")


class OffsetQuery(serializers.Serializer[Any]):
    """The query parameters ?limit and ?offset."""

    limit = serializers.IntegerField(min_value=1, max_value=1000, default=50, help_text="Items an answer.")
    offset = serializers.IntegerField(min_value=0, max_value=MAX_OFFSET, default=0, help_text="Items to leave out.")


class PagePagination(serializers.Serializer[Any]):
    """The place of a page in a list by page number."""

    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    total_count = serializers.IntegerField(help_text="Items of the whole query.")
    total_pages = serializers.IntegerField()
    has_more = serializers.BooleanField()


class OffsetPagination(serializers.Serializer[Any]):
    """The place of a page in a list by offset."""

    total_count = serializers.IntegerField(help_text="Items of the whole query.")
    has_more = serializers.BooleanField()


class CursorPagination(serializers.Serializer[Any]):
    """The cursor of the next page in a list by cursor."""

    next_cursor = serializers.CharField(allow_null=True, help_text="Send it as `cursor`; null on the last page.")
    has_more = serializers.BooleanField()


class CountedCursorPagination(CursorPagination):
    """The same of a list whose rows are counted."""

    total_count = serializers.IntegerField(help_text="Items the whole query gives at this resolution.")


class WholePagination(serializers.Serializer[Any]):
    """The size of a list that fits into one answer."""

    total_count = serializers.IntegerField(help_text="Items of the list, all of which are here.")
    has_more = serializers.BooleanField(help_text="Always false.")


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """One page of rows and the size of the whole."""

    rows: Sequence[Row]
    total: int


def cut(queryset: QuerySet[Any, Row], *, offset: int, limit: int) -> Slice[Row]:
    """Return the rows from offset on, at most limit, in two queries: the size, and the rows.

    The queryset must be ordered completely. A first page that is not full tells the size by itself, so it takes one
    query. A page in the second half is read from the end, so the last page costs no more than the first.
    """
    if offset == 0:
        first = list(queryset[:limit])
        return Slice(first, len(first) if len(first) < limit else queryset.order_by().count())
    total = queryset.order_by().count()
    size = min(limit, total - offset)
    if size <= 0:
        return Slice((), total)
    if offset <= total // 2:
        return Slice(list(queryset[offset : offset + size]), total)
    start = total - offset - size
    return Slice(list(queryset.reverse()[start : start + size])[::-1], total)


def by_page(data: Any, *, page: int, limit: int, total: int) -> dict[str, Any]:
    """Return the answer of a list by page number."""
    pages = -(-total // limit)
    pagination = {
        "page": page,
        "limit": limit,
        "total_count": total,
        "total_pages": pages,
        "has_more": page < pages,
    }
    return {"data": data, "pagination": pagination}


def by_offset(data: Any, *, offset: int, limit: int, total: int) -> dict[str, Any]:
    """Return the answer of a list by offset."""
    return {"data": data, "pagination": {"total_count": total, "has_more": offset + limit < total}}


def whole(data: Sequence[Any]) -> dict[str, Any]:
    """Return the answer of a list that fits into one."""
    return {"data": data, "pagination": {"total_count": len(data), "has_more": False}}
