"""An end user's connections with their diagnosis, the link to connect more, and the runs as they go on."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse

from accounts.models import EndUser
from adminportal.acting import act
from adminportal.dashboard.end_users.end_user import find, show_tab
from adminportal.dashboard.end_users.listing import name_of
from adminportal.dashboard.shell import TenantRequest, page, show_part
from providers import registry
from providers.connections import connect, diagnosis, lifecycle, orders
from providers.connections.check import Check
from providers.models import Connection, SyncRun
from providers.vendor_api import credentials

RUNS_SHOWN: Final = 20
TONES: Final = {
    Connection.Status.ACTIVE: "ok",
    Connection.Status.EXPIRED: "warn",
    Connection.Status.ERROR: "bad",
    Connection.Status.REVOKED: "idle",
}
CHECK_TONES: Final = {"ok": "ok", "warning": "warn", "problem": "bad", "unknown": "idle"}
RUN_TONES: Final = {
    SyncRun.State.QUEUED: ("info", "queued"),
    SyncRun.State.FETCHING: ("info", "fetching"),
    SyncRun.State.STORING: ("info", "storing"),
    SyncRun.State.SUCCESS: ("ok", "done"),
    SyncRun.State.COMPLETED_WITH_ERRORS: ("warn", "done, with gaps"),
    SyncRun.State.FAILED: ("bad", "failed"),
    SyncRun.State.CANCELLED: ("idle", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class ShownConnection:
    """A connection as the page draws it; checks are (tone, check)."""

    row: Connection
    name: str
    tone: str
    pulls: bool
    checks: list[tuple[str, Check]]

    @property
    def trouble(self) -> int:
        """How many checks found something."""
        return sum(tone in ("warn", "bad") for tone, _ in self.checks)


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run as the page draws it."""

    row: SyncRun
    name: str
    tone: str
    word: str


@page("GET", section="end-users")
def connections(request: TenantRequest, user_id: str) -> HttpResponse:
    """All of it."""
    return _show(request, find(request, user_id))


@page("POST", section="end-users")
def connect_link(request: TenantRequest, user_id: str) -> HttpResponse:
    """Make a connect link and show it on the same page."""
    user = find(request, user_id)
    return _show(request, user, link=connect.create_link(user, request.organization, ""))


@page("GET", section="end-users")
def runs(request: TenantRequest, user_id: str) -> HttpResponse:
    """The list of runs alone, which the page asks for every few seconds."""
    user = find(request, user_id)
    return show_part(request, "end_users/sync_runs", {"user": user, "runs": runs_of(user)})


@page("POST", section="end-users")
def sync_now(request: TenantRequest, user_id: str, provider: str) -> HttpResponse:
    """Have the newest data fetched."""
    user, cloud = find(request, user_id), credentials.get_cloud(provider)
    done = f"A sync of {cloud.name} has been ordered."
    return act(
        request, done, lambda: orders.order_latest(user, cloud), back=f"/dashboard/end-users/{user.id}/connections"
    )


@page("POST", section="end-users")
def disconnect(request: TenantRequest, user_id: str, provider: str) -> HttpResponse:
    """End a connection; the data stay."""
    user, cloud = find(request, user_id), credentials.get_cloud(provider)
    return act(
        request,
        f"{cloud.name} is disconnected from {name_of(user)}. The data that came stay.",
        lambda: connect.disconnect(user, cloud.slug, actor=request.actor, reason="api_disconnected"),
        back=f"/dashboard/end-users/{user.id}/connections",
    )


def _show(request: TenantRequest, user: EndUser, *, link: connect.ConnectLink | None = None) -> HttpResponse:
    shown = [_shown(row) for row in lifecycle.list_connections(user)]
    context = {"connections": shown, "runs": runs_of(user), "link": link}
    return show_tab(request, user, "connections", context)


def _shown(row: Connection) -> ShownConnection:
    provider = credentials.get_cloud(row.provider)
    checks = [(CHECK_TONES[one.status], one) for one in diagnosis.diagnose(row)["checks"]]
    pulls = row.is_live and provider.capabilities.pull
    return ShownConnection(row, provider.name, TONES[Connection.Status(row.status)], pulls, checks)


def runs_of(user: EndUser) -> list[ShownRun]:
    """The newest first."""
    rows: Any = SyncRun.objects.filter(user_key=user.key).order_by("-key")[:RUNS_SHOWN]
    return [ShownRun(row, registry.get(row.provider).name, *RUN_TONES[SyncRun.State(row.state)]) for row in rows]
