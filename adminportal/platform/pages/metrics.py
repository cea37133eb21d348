"""Insights: who pays, who stays, who uses it."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from adminportal.kit import charts
from adminportal.kit.small_tables import SmallListing
from adminportal.kit.tables import TableColumn
from adminportal.platform import insights
from adminportal.platform.pages.base import show_tables
from adminportal.platform.site import site
from billing.figures.insights import COHORTS
from wearlink.lib import clock

STEPS: Final = 7  # of colour, from nobody to all


def _week(number: int) -> TableColumn:
    """Return how many of a cohort were active so many weeks later; nothing for weeks to come, or where nobody
    registered.
    """

    def active(one: dict[str, Any]) -> int | None:
        return one["retained"][number] if one["size"] and number < len(one["retained"]) else None

    def shade(one: dict[str, Any]) -> int | None:
        found = active(one)
        return None if found is None else min(found * STEPS // one["size"], STEPS - 1)

    return TableColumn(f"W{number}", active, "number", shade=shade)


FUNNEL: Final = SmallListing(
    name="funnel",
    title="Funnel",
    columns=[
        TableColumn("Step", lambda one: one["step"].replace("_", " ")),
        TableColumn("Organizations", lambda one: one["count"], "number"),
        TableColumn("of all", lambda one: one["pct"], "percent"),
        TableColumn("Share", lambda one: one["pct"], "share"),
    ],
)
MIX: Final = SmallListing(
    name="plan-mix",
    title="Plan mix",
    columns=[
        TableColumn("Plan", lambda one: one["plan"]),
        TableColumn("Active", lambda one: one["active"], "number"),
        TableColumn("MRR", lambda one: one["contributing_mrr_usd"], "money"),
        TableColumn("of MRR", lambda one: one["pct_of_mrr"], "percent"),
        TableColumn("Share", lambda one: one["pct_of_mrr"], "share", wide=True),
    ],
)
PROVIDERS: Final = SmallListing(
    name="providers",
    title="Providers",
    columns=[
        TableColumn("Provider", lambda one: one["provider"]),
        TableColumn("Live", lambda one: one["live"], "number"),
        TableColumn("Ever", lambda one: one["connections"], "number"),
    ],
    empty="No cloud was ever connected.",
)
TOP: Final = SmallListing(
    name="top-tenants",
    title="Top tenants, 30 days",
    columns=[
        TableColumn("Organization", lambda one: one["name"]),
        TableColumn("Plan", lambda one: one["plan"]),
        TableColumn("API calls", lambda one: one["api_calls"], "number"),
        TableColumn("Samples", lambda one: one["samples"], "number"),
    ],
    empty="Nobody has used the platform lately.",
)
WEEKLY: Final = SmallListing(
    name="weekly-cohorts",
    title="Weekly cohorts",
    note="organizations active, by week after registering",
    columns=[
        TableColumn("Week of", lambda one: one["week"]),
        TableColumn("Registered", lambda one: one["size"], "number"),
        *map(_week, range(COHORTS)),
    ],
)


@site.page("insights/", "insights")
@require_safe
def insights_page(request: HttpRequest) -> HttpResponseBase:
    found = insights.payload(clock.now())
    dau = charts.bars(
        "Active organizations, 30 days",
        "organizations a day (UTC)",
        [(charts.day_label(one["date"]), one["active"]) for one in found["dau"]],
    )
    tables = {
        "funnel": (FUNNEL, found["funnel"]),
        "mix": (MIX, found["plan_mix"]),
        "providers": (PROVIDERS, found["providers"]),
        "top": (TOP, found["top_developers"]),
        "weekly": (WEEKLY, found["weekly_cohorts"]),
    }
    return show_tables(request, "insights", "Insights", tables, {"found": found, "dau": dau})
