"""An end user's health scores: those of vendors in their own range, and ours with what they are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import HttpResponseBase

from adminportal.dashboard import csv_files
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users import curves
from adminportal.dashboard.end_users.end_user import days_asked, find, show_tab, zones_of
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.kit.plots import Plot
from healthdata import serializers
from healthdata.api.parameters import SCORE_CATEGORIES
from healthdata.queries import events
from healthdata.queries.event_rows import ScoreRow
from providers import registry

DAYS: Final = 30
MAX_ROWS: Final = 500
OURS: Final = "wearlink"


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score with who made it, and its parts and inputs as pairs."""

    row: ScoreRow
    maker: str
    parts: list[tuple[str, Any]]
    inputs: list[tuple[str, Any]]
    citations: list[str]


@page("GET", section="end-users")
def scores(request: TenantRequest, user_id: str) -> HttpResponseBase:
    """Thirty days up to ?day, of ?category where it is one."""
    user = find(request, user_id)
    asked = days_asked(request, zones_of(user), DAYS)
    first, last = asked.first, asked.last
    category = request.GET.get("category", "")
    category = category if category in SCORE_CATEGORIES else ""
    rows, total = events.scores(user.key, first=first, last=last, category=category or None, limit=MAX_ROWS)
    if csv_files.wanted(request):
        return csv_files.answer_with(request.organization.pk, "scores", [serializers.score(row) for row in rows])
    query = {"start_date": first.isoformat(), "end_date": last.isoformat()}
    context = {
        "rows": [_shown(row) for row in rows],
        "plots": _plots(rows, first, last),
        **asked._asdict(),
        "total": total,
        "category": category,
        "categories": SCORE_CATEGORIES,
        "calls": [
            ApiCall(
                "GET", f"/api/v1/users/{user.id}/health-scores", "list health scores",
                query=query | ({"category": category} if category else {}),
            )
        ],
    }  # fmt: skip
    return show_tab(request, user, "scores", context)


def _shown(row: ScoreRow) -> ShownScore:
    shown = serializers.score(row)
    return ShownScore(
        row, _maker(row.provider), _pairs(shown["components"]), _pairs(shown["inputs"]), shown["citations"]
    )


def _maker(provider: str) -> str:
    return "WearLink" if provider == OURS else registry.get(provider).name


def _pairs(found: dict[str, Any] | None) -> list[tuple[str, Any]]:
    return [(name.replace("_", " "), value) for name, value in (found or {}).items() if value is not None]


def _plots(rows: Sequence[ScoreRow], first: date, last: date) -> list[Plot]:
    """Return a curve for each maker's category that has at least two days."""
    by_kind: dict[tuple[str, str], dict[date, float]] = {}
    for row in rows:
        if row.score is not None:
            by_kind.setdefault((row.category, row.provider), {})[row.day] = row.score
    found = []
    for (category, provider), values in sorted(by_kind.items()):
        title = f"{category.replace('_', ' ').capitalize()}, {_maker(provider)}"
        if len(values) > 1:
            found.append(curves.by_day(f"score-{category}-{provider}", title, "", values, first, last))
    return [plot for plot in found if plot is not None]
