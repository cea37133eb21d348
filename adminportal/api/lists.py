"""Lists of the platform: by limit and offset, searched by q."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.platform import PlatformView
from wearlink.lib.api.pagination import OffsetQuery, by_offset, cut

TAGS: Final = ["Platform admin"]
Row = TypeVar("Row")


class SearchQuery(OffsetQuery):
    """A page of what a text is found in."""

    q = serializers.CharField(max_length=200, required=False, help_text="Text to look for, letter case ignored.")


class PlatformListView(PlatformView):
    """A list over all tenants."""

    def listed(self, rows: "QuerySet[Any, Row]", show: Callable[[Row], Any], **more: Any) -> Response:
        """Return the page that the query asks for; `more` is added beside data and pagination."""
        limit, offset = self.query["limit"], self.query["offset"]
        found = cut(rows, offset=offset, limit=limit)
        data = [show(row) for row in found.rows]
        return Response({**by_offset(data, offset=offset, limit=limit, total=found.total), **more})

    def filters(self, *renamed: tuple[str, str]) -> dict[str, Any]:
        """Return the query without its page, names of the API replaced by those of Python."""
        values = {name: value for name, value in self.query.items() if name not in {"limit", "offset"}}
        for public, own in renamed:
            if public in values:
                values[own] = values.pop(public)
        return values
