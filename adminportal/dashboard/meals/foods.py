"""The food table, searched as GET /nutrition/foods does."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from rest_framework.exceptions import ValidationError

from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from nutrition.api.foods import FoodQuery, as_json
from nutrition.foods import searching
from wearlink.lib.api import bodies
from wearlink.lib.api.errors import flatten

PATH: Final = "/api/v1/nutrition/foods"
ROWS: Final = 20


@page(section="end-users")
def listed(request: TenantRequest) -> HttpResponse:
    """Return foods with a name like ?q, a page at a time."""
    q = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"q": q, "rows": [], "total": 0, "problem": "", "next": "", "previous": ""}
    if q:
        try:
            context |= _found(q, request.GET.get("page", "1"))
        except ValidationError as error:
            context["problem"] = flatten(error.detail)[0].message
    context["calls"] = [ApiCall("GET", PATH, "search the food table", query={"q": q or "biryani"})]
    return show(
        request, "foods", "Foods", context, status=HTTPStatus.BAD_REQUEST if context["problem"] else HTTPStatus.OK
    )


def search(q: str) -> list[dict[str, Any]]:
    """Return the likeliest foods of a name as the API shows them. Raises ValidationError on q where it is too short."""
    query = bodies.validate(FoodQuery(data={"q": q, "limit": ROWS}))
    return [dict(as_json(food)) for food in searching.page(query["q"], offset=0, limit=ROWS).rows]


def _found(q: str, number: str) -> dict[str, Any]:
    query = bodies.validate(FoodQuery(data={"q": q, "page": number, "limit": ROWS}))
    at = query["page"]
    found = searching.page(query["q"], offset=(at - 1) * ROWS, limit=ROWS)
    return {
        "rows": [as_json(food) for food in found.rows],
        "total": found.total,
        "next": f"?{urlencode({'q': q, 'page': at + 1})}" if at * ROWS < found.total else "",
        "previous": f"?{urlencode({'q': q, 'page': at - 1})}" if at > 1 else "",
    }
