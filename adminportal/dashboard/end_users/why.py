"""The explanation of a day's figures: a lane a source over the day, what counted, what did not, and why not.

The account is that of GET …/summaries/activity?explain=1, made by the same functions.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpResponse

from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users import curves
from adminportal.dashboard.end_users.end_user import find, reader_of, show_tab, zones_of
from adminportal.dashboard.end_users.lanes import Lane, lanes
from adminportal.dashboard.figure_titles import TITLES
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.kit.plots import Mark
from healthdata.api.accounts_of_figures import explained
from healthdata.figures.explain import ExplainedDay, explain, is_anything
from healthdata.figures.revisions import revisions
from healthdata.queries.sources import sources_of
from wearlink.lib.errors import NotFound

RULES: Final = {
    "sum": "Amounts are added up interval by interval; a lower source fills the times that none above it measured.",
    "mean": "The mean by time of the readings; a lower source fills the times that none above it measured.",
    "lowest": "The lowest of the readings behind the mean.",
    "highest": "The highest of the readings behind the mean.",
    "one": "One source’s value of the day.",
    "energy": "Active energy plus energy at rest; else what a source counts in all.",
}


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure with its account (as the API shows it) and the lanes beside its sources."""

    field: str
    title: str
    unit: str
    rule: str
    account: dict[str, Any]
    sources: list[tuple[dict[str, Any], Lane]]
    parts_in: str


@page("GET", section="end-users")
def why(request: TenantRequest, user_id: str, day: str) -> HttpResponse:
    """Return the account of one day."""
    user = find(request, user_id)
    asked = _day(day)
    history = zones_of(user)
    account = explain(user.key, reader_of(user).priority, first=asked, last=asked)[asked]
    bounds = (account.start, account.end)
    marks = [
        Mark(25 * place, curves.clock_label(history, bounds[0] + (bounds[1] - bounds[0]) * place / 4))
        for place in range(4)
    ]
    path, days = f"/api/v1/users/{user.id}/summaries/activity", {"start_date": day, "end_date": day, "explain": "1"}
    calls = [
        ApiCall("GET", path, "read this day with its account", query=days),
        ApiCall("GET", f"{path}/{asked.isoformat()}/revisions", "see how it has changed"),
    ]
    context = {
        "day": asked,
        "calls": calls,
        "before": asked - timedelta(days=1),
        "after": asked + timedelta(days=1),
        "figures": figures_of(str(user.id), account, user.key),
        "marks": marks,
        "revisions": [(TITLES.get(one.metric, (one.metric, ""))[0], one) for one in revisions(user.key, asked)],
    }
    return show_tab(request, user, "end-user", context, template="why")


def figures_of(user_id: str, account: ExplainedDay, user_key: int) -> list[ShownFigure]:
    """Return every figure of the day, in the order of the summary."""
    shown = explained(user_id, account, sources_of(user_key))
    found = []
    for field, one in account.figures.items():
        title, unit = TITLES.get(field, (field.replace("_", " "), ""))
        details = shown[field]
        drawn = lanes([share for share in one.figure.shares if is_anything(share)], (account.start, account.end))
        parts_in = "min" if details["unit_of_shares"] == "minutes" else unit
        pairs = list(zip(details["sources"], drawn, strict=True))
        found.append(ShownFigure(field, title, unit, RULES[details["rule"]], details, pairs, parts_in))
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("There is no such day") from error
