"""The audit log: who did what in the organization, filtered, exported, and its chain verified."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from rest_framework.exceptions import ValidationError

from accounts import audit
from accounts.api import audit_shapes
from accounts.api.audit_logs import LINES, AuditLinesAnswer
from accounts.audit_trail import checks, trail
from accounts.audit_trail.trail import TrailRow
from accounts.models import Developer
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from wearlink.lib.api import bodies
from wearlink.lib.api.errors import flatten
from wearlink.lib.errors import InvalidInput

ROWS: Final = 50
FILTERS: Final = ("action", "start_time", "end_time")
PATH: Final = "/api/v1/audit-logs"


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with the actor by name and its facts as pairs."""

    row: TrailRow
    at: datetime
    actor: str
    description: str
    facts: Mapping[str, Any]


@page(section="audit")
def audit_page(request: TenantRequest) -> HttpResponse:
    """Return a page of entries, newest first; `before` is a number of the chain."""
    asked = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    before = request.GET.get("before", "")
    problem, rows = "", list[TrailRow]()
    try:
        wanted = _wanted(request, asked)
        rows = trail.page(wanted, before=int(before) if before.isdecimal() else None, limit=ROWS + 1)
    except (InvalidInput, ValidationError) as error:
        problem = error.detail if isinstance(error, InvalidInput) else flatten(error.detail)[0].message
    context = {
        "rows": _shown(request, rows[:ROWS]),
        "following": rows[ROWS - 1].sequence if len(rows) > ROWS else None,
        "asked": asked,
        "problem": problem,
        "actions": audit.actions(),
        "calls": [
            ApiCall("GET", PATH, "list entries", query=asked or None),
            ApiCall("GET", f"{PATH}/export", "export", query=asked or None),
            ApiCall("GET", f"{PATH}/verify", "verify the chain"),
        ],
    }
    return show(
        request, "account/audit", "Audit log", context, status=HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    )


@page("POST", section="audit")
def export(request: TenantRequest) -> HttpResponseBase:
    """Return all that fits the filter as lines of JSON; the export itself is the last of them."""
    asked = {name: request.POST[name] for name in FILTERS if request.POST.get(name)}
    try:
        wanted = _wanted(request, asked)
    except (InvalidInput, ValidationError):
        messages.error(request, "The filter cannot be read, so nothing was exported.")
        return redirect("dashboard:audit")
    audit.record("audit_log.exported", actor=request.actor, organization=request.organization, data=asked)
    headers = {"Content-Type": LINES, "Content-Disposition": 'attachment; filename="audit-logs.jsonl"'}
    return AuditLinesAnswer(trail.lines(wanted), headers=headers)


@page("POST", section="audit", managers=True)
def verify(request: TenantRequest) -> HttpResponse:
    found = checks.check(request.organization.pk)
    entry = None if found.broken is None else trail.find(request.organization.pk, found.broken)
    if found.is_whole:
        messages.success(request, f"The chain is whole: {_checked(found)}, none changed, removed or put in between.")
    else:
        number = f"#{entry.sequence}" if entry else "that is missing"
        messages.error(request, f"The chain is broken: entry {number} does not follow from the one before it.")
    return redirect("dashboard:audit")


def _checked(found: checks.ChainCheck) -> str:
    """Return which entries were looked at, and when those were that a walk over all of them found whole before."""
    if not found.began_after or found.walked_at is None:
        return f"{found.reached:,} entries"
    before = f"those before on {found.walked_at:%d %B at %H:%M} UTC"
    return f"entries {found.began_after + 1:,} to {found.reached:,} now, {before}"


def _wanted(request: TenantRequest, asked: Mapping[str, str]) -> trail.TrailFilter:
    """Return the checked query. Raises InvalidInput, ValidationError."""
    query = bodies.validate(audit_shapes.AuditQuery(data=dict(asked)))
    start, end, action = query.get("start_time"), query.get("end_time"), query.get("action")
    return trail.visible_to(request.developer, request.organization.pk, start=start, end=end, action=action)


def _shown(request: TenantRequest, rows: Sequence[TrailRow]) -> list[ShownEntry]:
    names = dict(Developer.objects.for_organization(request.organization).values_list("id", "email"))
    by_id = {str(key): email for key, email in names.items()}
    actions = audit.actions()
    return [
        ShownEntry(
            row,
            datetime.fromtimestamp(row.at / 1000, UTC),
            by_id.get(row.actor_id) or f"{row.actor_kind.replace('_', ' ')} {row.actor_id[:12]}".strip(),
            actions.get(row.action, ""),
            json.loads(row.data),
        )
        for row in rows
    ]
