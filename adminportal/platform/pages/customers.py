"""Developers and end users."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Developer, EndUser
from accounts.sign_in import second_factor
from adminportal.acting import act
from adminportal.kit import charts, formats
from adminportal.kit.small_tables import SmallListing
from adminportal.kit.tables import Filter, Listing, TableColumn
from adminportal.platform import audit_trail, days, developers, end_users
from adminportal.platform.pages.acts import panel
from adminportal.platform.pages.base import SmallTable, admin_of, show_list, show_tables
from adminportal.platform.site import site
from providers.models import Connection
from wearlink.lib import clock

YES_NO: Final = [("true", "Yes"), ("false", "No")]
PLANS: Final = [(code, code.title()) for code in ("hobby", "developer", "scale", "enterprise")]
CHART_DAYS: Final = 30
ACTS: Final = 20


def state(row: Developer) -> tuple[str, str]:
    """Return a developer's state as mark and word."""
    if row.is_locked():
        return ("bad", "locked by an administrator" if row.locked_by_admin else "locked")
    if row.email_verified_at is None:
        return ("idle", "unverified")
    return ("info", "superuser") if row.is_superuser else ("ok", "active")


def full_name(row: EndUser) -> str:
    """Return what to call an end user in a list."""
    return " ".join(part for part in (row.first_name, row.last_name) if part) or row.external_id or str(row.id)[:8]


def _developer(row: Developer) -> str:
    return reverse("admin:developer", args=[row.pk])


DEVELOPERS: Final = Listing(
    name="developers",
    columns=[
        TableColumn("Developer", lambda row: row.name or row.email, sort="email", link=_developer),
        TableColumn("State", state, "status"),
        TableColumn("E-mail", lambda row: row.email, wide=True),
        TableColumn("Organization", lambda row: row.organization.name),
        TableColumn("Plan", lambda row: row.organization.plan),
        TableColumn("Last sign-in", lambda row: row.last_login, "when", sort="last_login", wide=True),
        TableColumn("Registered", lambda row: row.created_at, "when", sort="created_at"),
    ],
    filters=[
        Filter("plan", "Plan", PLANS),
        Filter("locked", "Locked", YES_NO),
        Filter("superuser", "Superuser", YES_NO),
        Filter("verified", "Verified", YES_NO),
    ],
    sort="-created_at",
    empty="Nobody has registered yet.",
)
END_USERS: Final = Listing(
    name="end-users",
    columns=[
        TableColumn("End user", full_name, link=lambda row: reverse("admin:end-user", args=[row.id])),
        TableColumn("E-mail", lambda row: row.email),
        TableColumn("External id", lambda row: row.external_id, wide=True),
        TableColumn("Organization", lambda row: row.organization.name),
        TableColumn("Created", lambda row: row.created_at, "when"),
    ],
    empty="No end user exists yet.",
)


def connection_state(row: Connection) -> tuple[str, str]:
    """Return a connection's state as mark and word."""
    if row.status == Connection.Status.ACTIVE:
        return ("ok", "active")
    if row.status == Connection.Status.REVOKED:
        return ("idle", "ended")
    return ("warn", f"{row.status} {row.reason}".strip().replace("_", " "))


CONNECTIONS: Final = SmallListing(
    name="connections",
    title="Connections",
    columns=[
        TableColumn("Provider", lambda row: row.provider),
        TableColumn("State", connection_state, "status"),
        TableColumn("Connected", lambda row: row.connected_at, "when", wide=True),
        TableColumn("Last sync", lambda row: row.last_sync_at, "when"),
        TableColumn("Last push", lambda row: row.last_event_at, "when"),
    ],
    empty="No cloud is connected; phones need no connection.",
)
DAY_BY_DAY: Final = SmallListing(
    name="days",
    title="Day by day",
    note="the end user's local days",
    columns=[
        TableColumn("Day", lambda one: one[1].date.isoformat(), link=lambda one: _why(*one)),
        TableColumn("Steps", lambda one: one[1].steps, "number"),
        TableColumn("Sleep, h", lambda one: one[1].sleep, "fine"),
        TableColumn("Mean bpm", lambda one: one[1].heart_rate, "number"),
        TableColumn("Devices", lambda one: one[1].devices, wide=True),
        TableColumn("Why", lambda one: "Why", link=lambda one: _why(*one)),
    ],
)


def _source(share: dict[str, Any]) -> str:
    whole = " (total of the day)" if share["is_daily_total"] else ""
    return f"{share['place']}. {share['device'] or share['provider']}{whole}"


def _reasons(share: dict[str, Any]) -> str:
    return "; ".join(f"{formats.figure(one['amount'])}: {one['detail']}" for one in share["reasons"])


SOURCES: Final = (
    TableColumn("Source, in order", _source),
    TableColumn("Counted", lambda share: share["kept"], "figure"),
    TableColumn("Left out", lambda share: share["left_out"], "figure"),
    TableColumn("Why left out", _reasons),
)
REVISIONS: Final = SmallListing(
    name="revisions",
    title="Revisions",
    columns=[
        TableColumn("Figure", lambda one: one.metric),
        TableColumn("When", lambda one: one.at, "when"),
        TableColumn("Before", lambda one: one.old_value, "figure"),
        TableColumn("After", lambda one: one.new_value, "figure"),
    ],
    empty="The figures have not changed since the day was over.",
)


def _why(row: EndUser, day: days.ShownDay) -> str:
    return reverse("admin:why", args=[row.id, day.date.isoformat()])


@site.page("developers/", "developers")
@require_safe
def developer_list(request: HttpRequest) -> HttpResponseBase:
    chosen: dict[str, Any] = DEVELOPERS.chosen(request)
    for name in ("locked", "superuser", "verified"):
        if name in chosen:
            chosen[name] = chosen[name] == "true"
    return show_list(request, "Developers", DEVELOPERS, developers.find_all(**chosen))


@site.page("developers/<uuid:developer_id>/", "developer")
@require_safe
def developer(request: HttpRequest, developer_id: UUID) -> HttpResponseBase:
    row = developers.find(developer_id)
    facts = developers.facts(row)
    tables = {
        "done_by": panel(facts["audit"], "Done by them, the last 20", name="done-by"),
        "done_to": panel(
            audit_trail.entries(target_id=str(row.pk))[:ACTS], "Done to them, the last 20", name="done-to"
        ),
    }
    context = {
        "row": row,
        "state": state(row),
        "facts": facts,
        "is_root": developers.is_root(admin_of(request)),
        "is_self": row.pk == request.user.pk,
        "has_second_factor": second_factor.is_set_up(row),
    }
    return show_tables(request, "developer", row.name or row.email, tables, context)


@site.page("developers/<uuid:developer_id>/<str:act_name>/", "developer-act")
@require_POST
def developer_act(request: HttpRequest, developer_id: UUID, act_name: str) -> HttpResponseBase:
    """Lock, unlock, superuser, or a lost second factor."""
    admin, back = admin_of(request), reverse("admin:developer", args=[developer_id])
    acts = {
        "lock": ("Locked for seven days; open sessions have ended.", developers.lock),
        "unlock": ("Unlocked.", developers.unlock),
        "superuser": ("Rights changed.", developers.set_superuser),
        "second-factor": ("The second factor is removed.", developers.remove_second_factor),
    }
    done, do = acts.get(act_name, ("", developers.refuse))
    return act(request, done, lambda: do(developer_id, admin), back=back)


@site.page("end-users/", "end-users")
@require_safe
def end_user_list(request: HttpRequest) -> HttpResponseBase:
    """End users of all tenants."""
    chosen = END_USERS.chosen(request)
    return show_list(request, "End users", END_USERS, end_users.find_all(q=chosen.get("q", "")))


@site.page("end-users/<uuid:user_id>/", "end-user")
@require_safe
def end_user(request: HttpRequest, user_id: UUID) -> HttpResponseBase:
    """Return one end user with thirty days of figures, and why a day's figures are what they are."""
    row = end_users.find(user_id)
    found = days.of(row, clock.now(), CHART_DAYS)
    drawn = [
        charts.bars(
            title,
            f"{unit}, the end user's local days",
            [(charts.day_label(day.date), day.value(metric)) for day in found],
        )
        for metric, title, unit in days.CHARTS
        if any(day.value(metric) for day in found)
    ]
    facts = end_users.facts(row)
    tables: dict[str, tuple[SmallListing, Sequence[Any]]] = {
        "connections": (CONNECTIONS, facts["connections"]),
        "day_by_day": (DAY_BY_DAY, [(row, day) for day in found[::-1]]),
    }
    context = {"row": row, "facts": facts, "charts": drawn, "name": full_name(row)}
    return show_tables(request, "end_user", full_name(row), tables, context)


@site.page("end-users/<uuid:user_id>/why/<slug:day>/", "why")
@require_safe
def why(request: HttpRequest, user_id: UUID, day: str) -> HttpResponseBase:
    """Return each figure of a day: what every source gave, what was left out and why, and how the figure came to
    change.
    """
    row = end_users.find(user_id)
    date = days.parse(day)
    accounts = [_account(field, one) for field, one in days.explained(row, date).items()]
    tables: dict[str, SmallTable] = {listing.name: (listing, rows) for listing, rows in accounts}
    tables["revisions"] = (REVISIONS, days.revisions(row, date))
    context = {
        "row": row,
        "name": full_name(row),
        "before": date - timedelta(days=1),
        "after": date + timedelta(days=1),
        "accounts": [listing.table(request, rows) for listing, rows in accounts],
    }
    return show_tables(request, "why", f"{full_name(row)}, {date}", tables, context)


def _account(field: str, one: dict[str, Any]) -> SmallTable:
    """Return where a figure comes from, source by source in their order."""
    value = "not known" if one["value"] is None else formats.figure(one["value"])
    listing = SmallListing(
        name=f"sources-{field}",
        title=f"{field}: {value}",
        note=f"rule “{one['rule']}”, version {one['version']} · {formats.number(one['coverage_minutes'])} min of the "
        f"day covered · parts in {one['unit_of_shares']}",
        columns=SOURCES,
    )
    return listing, one["sources"]
