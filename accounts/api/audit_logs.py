"""GET /audit-logs, /audit-logs/export and /audit-logs/verify."""

from typing import Any, Final

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit
from accounts.api import audit_shapes as shapes
from accounts.audit_trail import checks, trail
from accounts.audit_trail.trail import TrailFilter
from accounts.organization.roles import require_manager
from wearlink.lib import clock
from wearlink.lib.api import cursors
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.views import TenantView

TAGS: Final = ["Audit"]
LINES: Final = "application/x-ndjson"
_WHOSE: Final = (
    "Owners, admins and API keys see all entries of the organization, members those of what they did themselves. "
)


class AuditLogs(TenantView):
    """A page of the trail."""

    query_class = shapes.AuditQuery

    @extend_schema(
        operation_id="list_audit_logs",
        summary="List audit entries",
        description="Every privileged act, newest first. " + _WHOSE,
        tags=TAGS,
        responses={200: OpenApiResponse(shapes.AuditPageSerializer, examples=[shapes.PAGE])},
    )
    def get(self, request: Request) -> Response:
        query = self.query
        wanted = wanted_by(self, query.get("start_time"), query.get("end_time"), query.get("action"))
        bound_to = f"audit\x1f{wanted}"
        cursor, limit = query.get("cursor"), query["limit"]
        before = None if cursor is None else int(cursors.unsign(cursor, bound_to)[0])
        found = trail.page(wanted, before=before, limit=limit + 1)
        more = len(found) > limit
        following = cursors.sign([found[limit - 1].sequence], bound_to) if more else None
        pagination = {"next_cursor": following, "has_more": more}
        return Response({"data": [row.shown() for row in found[:limit]], "pagination": pagination})


class AuditLinesAnswer(StreamingHttpResponse):
    """Lines, as slowly as the client takes them (wearlink.lib.web.slots.Slots)."""

    needs_no_slot = True


class AuditLogsExport(TenantView):
    query_class = shapes.AuditExportQuery

    @extend_schema(
        operation_id="export_audit_logs",
        summary="Export audit entries",
        description="One JSON object a line, oldest first, streamed however many there are. " + _WHOSE,
        tags=TAGS,
        responses={(200, LINES): OpenApiResponse(OpenApiTypes.STR, description="Lines of AuditEntry.")},
    )
    def get(self, request: Request) -> AuditLinesAnswer:
        """Answer with all lines. The export itself is the last of them."""
        query = self.query
        wanted = wanted_by(self, query.get("since"), query.get("until"), query.get("action"))
        asked = {name: clock.rfc3339(clock.to_ms(query[name])) for name in ("since", "until") if name in query}
        asked |= {"action": query["action"]} if "action" in query else {}
        audit.record("audit_log.exported", actor=self.actor, organization=self.organization, data=asked)
        headers = {"Content-Type": LINES, "Content-Disposition": 'attachment; filename="audit-logs.jsonl"'}
        return AuditLinesAnswer(trail.lines(wanted), headers=headers)


class AuditLogsVerify(TenantView):
    @extend_schema(
        operation_id="verify_audit_logs",
        summary="Verify the audit chain",
        description=(
            "Walks your organization's hash chain and names the first entry that does not follow from the one before "
            "it. Of a chain of more than 50,000 entries those are walked that came since all of it was walked last, "
            "which happens every night (`all_checked_at`). For owners, admins and API keys."
        ),
        tags=TAGS,
        responses={
            200: OpenApiResponse(shapes.AuditVerificationSerializer, examples=[shapes.WHOLE]),
            **errors(403, 503),
        },
    )
    def get(self, request: Request) -> Response:
        if self.caller.developer is not None:
            require_manager(self.caller.developer)
        organization = self.organization.pk
        found = checks.check(organization)
        entry = None if found.broken is None else trail.find(organization, found.broken)
        return Response(
            {
                "is_whole": found.is_whole,
                "entries": trail.length(organization),
                "first_broken": None if entry is None else entry.shown(),
                "checked_at": clock.rfc3339(clock.now_ms()),
                "checked_from": found.began_after + 1,
                "checked_to": found.reached,
                "all_checked_at": None if found.walked_at is None else clock.rfc3339(clock.to_ms(found.walked_at)),
            }
        )


def wanted_by(view: TenantView, start: Any, end: Any, action: str | None) -> TrailFilter:
    """Return what a caller asks for, of what the caller may see."""
    return trail.visible_to(view.caller.developer, view.organization.pk, start=start, end=end, action=action)
