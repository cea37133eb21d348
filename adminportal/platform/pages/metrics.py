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


def _week(number: int) -> TableColumn:
    """How many of a cohort were active so many weeks later; nothing for weeks to come."""
    return TableColumn(f"W{number}", lambda one: (one["retained"][number : number + 1] or [None])[0], "number")


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
    weeks = found["weekly_cohorts"]
    cohorts = [{**one, "cells": [_tint(n, one["size"]) for n in one["retained"]]} for one in weeks]
    tables = {
        "funnel": (FUNNEL, found["funnel"]),
        "mix": (MIX, found["plan_mix"]),
        "providers": (PROVIDERS, found["providers"]),
        "top": (TOP, found["top_developers"]),
        "weekly": (WEEKLY, weeks),
    }
    context: dict[str, Any] = {"found": found, "dau": dau, "weeks": range(len(weeks)), "cohorts": cohorts}
    return show_tables(request, "insights", "Insights", tables, context)


def _tint(active: int, size: int) -> dict[str, Any]:
    """A cell of the heat map: its share and one of seven steps of colour."""
    share = None if not size else 100 * active / size
    return {"active": active, "share": share, "step": 0 if share is None else min(int(share / 100 * 7), 6)}
