"""An end user's connections with their diagnosis, the link to connect more, and the runs as they go on."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import EndUser
from adminportal.acting import act
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users import next_steps
from adminportal.dashboard.end_users.end_user import find, show_tab
from adminportal.dashboard.end_users.files import JOB_TONES
from adminportal.dashboard.end_users.listing import name_of
from adminportal.dashboard.end_users.next_steps import ShownCheck
from adminportal.dashboard.shell import TenantRequest, page, show_part, wants_part
from providers import registry
from providers.api.schema.backfill_shapes import shown as shown_backfill
from providers.connections import connect, diagnosis, lifecycle, orders
from providers.connections.orders import UnknownBackfillType
from providers.contract import CloudProvider
from providers.models import Backfill, Connection, SyncRun
from providers.runs import backfills, sync_runs
from providers.vendor_api import credentials
from wearlink.lib.errors import InvalidInput

RUNS_SHOWN: Final = 20
TONES: Final = {
    Connection.Status.ACTIVE: "ok",
    Connection.Status.EXPIRED: "warn",
    Connection.Status.ERROR: "bad",
    Connection.Status.REVOKED: "idle",
}
PART_TONES: Final = {
    "pending": "info",
    "requested": "info",
    "receiving": "info",
    "done": "ok",
    "no_data": "idle",
    "failed": "bad",
    "cancelled": "idle",
}
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
    """A connection as the page draws it. history: how far back it can be asked for, in words; empty where it cannot."""

    row: Connection
    name: str
    tone: str
    pulls: bool
    history: str
    backfill: dict[str, Any] | None
    checks: list[ShownCheck]

    @property
    def trouble(self) -> int:
        """The number of checks that found something."""
        return sum(one.tone in ("warn", "bad") for one in self.checks)


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run as the page draws it."""

    row: SyncRun
    name: str
    tone: str
    word: str


@page("GET", section="end-users")
def connections(request: TenantRequest, user_id: str) -> HttpResponse:
    return _show(request, find(request, user_id))


@page("POST", section="end-users")
def connect_link(request: TenantRequest, user_id: str) -> HttpResponse:
    """Make a connect link and show it on the same page."""
    user = find(request, user_id)
    back = request.POST.get("redirect_uri", "")
    return _show(request, user, link=connect.create_link(user, request.organization, back))


@page("GET", section="end-users")
def runs(request: TenantRequest, user_id: str) -> HttpResponse:
    """Return the list of runs alone, which the page asks for every few seconds; others are led to the page."""
    user = find(request, user_id)
    if not wants_part(request):
        return redirect("dashboard:connections", user_id)
    return show_part(request, "end_users/sync_runs", {"user": user, "runs": runs_of(user)})


@page("POST", section="end-users")
def sync_now(request: TenantRequest, user_id: str, provider: str) -> HttpResponse:
    """Have the newest data fetched."""
    user, cloud = find(request, user_id), credentials.get_cloud(provider)
    done = f"A sync of {cloud.name} has been ordered."
    return act(request, done, lambda: orders.order_latest(user, cloud), back=_back(user))


@page("POST", section="end-users")
def order_history(request: TenantRequest, user_id: str, provider: str) -> HttpResponse:
    """Have all that the provider still has of the past fetched."""
    user, cloud = find(request, user_id), credentials.get_cloud(provider)

    def words(run: SyncRun | Backfill) -> str:
        return f"History of {cloud.name} from {run.start:%-d %b %Y} to {run.end:%-d %b %Y} has been ordered."

    return acts.carry_out(request, lambda: orders.order_history(user, cloud), words, _back(user), audited=False)


@page("POST", section="end-users")
def cancel_backfill(request: TenantRequest, user_id: str, provider: str) -> HttpResponse:
    """Ask the provider for no more of the past."""
    user, cloud = find(request, user_id), credentials.get_cloud(provider)
    row = lifecycle.find(user, cloud.slug)
    words = f"{cloud.name} is asked for no more. What it was asked for already may still come."
    return acts.carry_out(request, lambda: backfills.cancel(row.pk), lambda _: words, _back(user), audited=False)


@page("POST", section="end-users")
def retry_backfill(request: TenantRequest, user_id: str, provider: str) -> HttpResponse:
    """Ask again for what of a type did not come."""
    user, cloud = find(request, user_id), credentials.get_cloud(provider)
    name = request.POST.get("type", "")

    def do() -> Backfill:
        try:
            return orders.retry_backfill(user, cloud, name)
        except UnknownBackfillType as error:
            raise InvalidInput.on("type", error.detail) from error

    words = f"{cloud.name} is asked for {name} again."
    return acts.carry_out(request, do, lambda _: words, _back(user), audited=False)


@page("POST", section="end-users")
def disconnect(request: TenantRequest, user_id: str, provider: str) -> HttpResponse:
    """End a connection; the data stay."""
    user, cloud = find(request, user_id), credentials.get_cloud(provider)
    return act(
        request,
        f"{cloud.name} is disconnected from {name_of(user)}. The data that came stay.",
        lambda: connect.disconnect(user, cloud.slug, actor=request.actor, reason="api_disconnected"),
        back=_back(user),
    )


def _show(request: TenantRequest, user: EndUser, *, link: connect.ConnectLink | None = None) -> HttpResponse:
    shown = [_shown(user, row) for row in lifecycle.list_connections(user)]
    context = {
        "connections": shown,
        "runs": runs_of(user),
        "link": link,
        "returns": request.organization.redirect_addresses,
        "calls": _calls(user, shown[0].row.provider if shown else "oura", request.POST.get("redirect_uri", "")),
    }
    return show_tab(request, user, "connections", context)


def _calls(user: EndUser, slug: str, back: str) -> list[ApiCall]:
    """Return what is done here, with a provider that the end user has."""
    path, pull = f"/api/v1/users/{user.id}", f"/api/v1/providers/{slug}/users/{user.id}"
    types = [one.name for one in credentials.get_cloud(slug).history] or ["sleep"]
    return [
        ApiCall("POST", f"{path}/connect-link", "make a connect link", {"redirect_uri": back} if back else None),
        ApiCall(
            "GET", f"/api/v1/providers/{slug}/authorize", "get the vendor’s own page", query={"user_id": str(user.id)}
        ),
        ApiCall("GET", f"{path}/connections", "list connections"),
        ApiCall("GET", f"{path}/connections/{slug}/diagnosis", "diagnose one"),
        ApiCall("POST", f"{pull}/sync", "sync now"),
        ApiCall("POST", f"{pull}/sync/historical", "order history"),
        ApiCall("GET", f"{pull}/backfill/status", "see how history that is pushed comes in"),
        ApiCall("POST", f"{pull}/backfill/{types[0]}/retry", "ask for one type of history again"),
        ApiCall("POST", f"{pull}/backfill/cancel", "ask for no more history"),
        ApiCall("GET", f"{path}/sync-runs", "list sync runs"),
        ApiCall("DELETE", f"{path}/connections/{slug}", "disconnect"),
    ]


def _shown(user: EndUser, row: Connection) -> ShownConnection:
    provider = credentials.get_cloud(row.provider)
    name, is_own = name_of(user), row.app_id is not None
    checks = [next_steps.shown(one, name, provider, is_own=is_own) for one in diagnosis.diagnose(row)["checks"]]
    pulls, tone = row.is_live and provider.capabilities.pull, TONES[Connection.Status(row.status)]
    return ShownConnection(row, provider.name, tone, pulls, _reach(row, provider), _backfill(row, provider), checks)


def _reach(row: Connection, provider: CloudProvider) -> str:
    """Return how far back history can be asked for now, in words; empty where it cannot."""
    if not row.is_live or not (provider.history or provider.capabilities.pull):
        return ""
    days = backfills.history_days(provider) if provider.history else provider.capabilities.history_days
    return f"the last {days:,} days" if days else f"the last {sync_runs.DEFAULT_HISTORY_DAYS:,} days"


def _backfill(row: Connection, provider: CloudProvider) -> dict[str, Any] | None:
    """Return the newest backfill with its types, of a provider that pushes the past."""
    newest = backfills.latest(row) if provider.history else None
    if newest is None:
        return None
    whole = Backfill.objects.prefetch_related("parts__backfill").get(pk=newest.pk)
    one = shown_backfill(whole, "")
    types = [(PART_TONES[kind["state"]], kind["type_name"], kind["state"]) for kind in one["types"]]
    return one | {"states": types, "tone": JOB_TONES[whole.status], "is_open": whole.finished_at is None}


def _back(user: EndUser) -> str:
    return reverse("dashboard:connections", args=[user.id])


def runs_of(user: EndUser) -> list[ShownRun]:
    """Return runs, newest first."""
    rows: Any = SyncRun.objects.filter(user_key=user.key).order_by("-key")[:RUNS_SHOWN]
    return [ShownRun(row, registry.get(row.provider).name, *RUN_TONES[SyncRun.State(row.state)]) for row in rows]
