"""Deleted end users: how far that is, and the receipt. Ids and counts; nothing else is known of them any more."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse

from accounts.api.erasure_shapes import shown
from accounts.deletion import erasing
from accounts.models import Erasure
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.files import JOB_TONES
from adminportal.dashboard.shell import TenantRequest, page, show, show_part, wants_part
from adminportal.kit.tables import Listing, TableColumn
from wearlink.lib.errors import NotFound

PATH: Final = "/api/v1/erasures"
LISTING: Final = Listing(
    name="deleted-end-users",
    columns=[
        TableColumn("End user", lambda row: str(row.user_id), link=lambda row: f"/dashboard/erasures/{row.id}"),
        TableColumn("State", lambda row: JOB_TONES[row.status], kind="status"),
        TableColumn("Asked", lambda row: row.created_at, kind="when"),
        TableColumn("Ended", lambda row: row.finished_at, kind="when", wide=True),
        TableColumn("Rows deleted", lambda row: sum(row.rows.values()), kind="number"),
    ],
    searchable=False,
    empty="No end user was deleted yet. A deletion leaves an id and a receipt here.",
)


@page(section="end-users")
def listed(request: TenantRequest) -> HttpResponse:
    """Return erasures, newest first."""
    rows = Erasure.objects.filter(organization_id=request.organization.pk).order_by("-key")
    context = {"table": LISTING.table(request, rows), "calls": [ApiCall("GET", PATH, "list deleted end users")]}
    return show(request, "end_users/erasures", "Deleted end users", context)


@page(section="end-users")
def erasure(request: TenantRequest, erasure_id: str) -> HttpResponse:
    """Return one; to htmx only what changes while it goes on."""
    row = _find(request, erasure_id)
    context: dict[str, Any] = {
        "row": row,
        "one": shown(row),
        "state": JOB_TONES[row.status],
        "calls": [ApiCall("GET", f"{PATH}/{row.id}", "see how far a deletion is")],
    }
    if wants_part(request):
        return show_part(request, "end_users/erasure_state", {**context, "request": request})
    return show(request, "end_users/erasure", "Deleted end user", context)


def _find(request: TenantRequest, text: str) -> Erasure:
    """Return the organization's erasure. Raises NotFound."""
    try:
        return erasing.find(request.organization.pk, UUID(text))
    except ValueError as error:
        raise NotFound("Erasure not found") from error
