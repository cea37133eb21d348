"""Messages: every event that was sent, what it said, and how far it has come on its way to each endpoint."""

import json
from typing import Final

from django.http import HttpResponse
from rest_framework.exceptions import ValidationError

from accounts.webhooks import events
from accounts.webhooks.api import delivery_shapes
from accounts.webhooks.api.messages import find
from accounts.webhooks.api.pages import messages_page
from accounts.webhooks.backends.chosen import chosen_backend
from accounts.webhooks.models import Endpoint, Message
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.webhooks import event_picker, log_filter
from wearlink.lib.errors import InvalidInput, NotAvailable

PATH: Final = "/api/v1/webhooks/messages"
STATES: Final = {
    "pending": ("info", "on its way"),
    "delivered": ("ok", "delivered"),
    "failed": ("bad", "given up"),
    "dropped": ("idle", "dropped"),
}


@page(section="webhooks")
def listed(request: TenantRequest) -> HttpResponse:
    """Return them newest first, as the address filters them."""
    asked = log_filter.asked_for(request, "event_types", "status", "endpoint_id", "user_id", "start_time", "end_time")
    problem, rows, following = "", list[Message](), None
    try:
        rows, following = messages_page(request.organization, log_filter.read(delivery_shapes.MessagesQuery, asked))
    except (InvalidInput, ValidationError) as error:
        problem = log_filter.fault_of(error)
    except NotAvailable as error:
        problem = error.detail
    context = {
        "rows": rows,
        "following": following,
        "asked": asked,
        "problem": problem,
        "endpoints": Endpoint.objects.for_organization(request.organization),
        "states": [(name, words) for name, (_, words) in STATES.items()],
        "type_names": event_picker.names(),
        "calls": [ApiCall("GET", PATH, "list messages", query=asked or None)],
    }
    return show(request, "webhooks/messages", "Messages", context)


@page(section="webhooks")
def detail(request: TenantRequest, message_id: str) -> HttpResponse:
    """Return one message with its body and its destinations."""
    message = find(request.organization, message_id)
    rows = Endpoint.objects.for_organization(request.organization)
    known = {row.id: row for row in rows}
    where = [
        (one, known.get(one.endpoint_id), STATES[one.status]) for one in chosen_backend().destinations(message)
    ]  # fmt: skip
    where_to = where[0][0].endpoint_id if where else "ep_…"
    reached = {one.endpoint_id for one, _, _ in where}
    context = {
        "message": message,
        "body": json.dumps(json.loads(events.body_of(message)), indent=2, ensure_ascii=False),
        "destinations": where,
        "others": [row for row in rows if row.id not in reached],
        "calls": [
            ApiCall("GET", f"{PATH}/{message_id}", "read this message"),
            ApiCall("POST", f"{PATH}/{message_id}/resend", "send it again", {"endpoint_id": where_to}),
            ApiCall("POST", f"{PATH}/{message_id}/retry", "try it again now", {"endpoint_id": where_to}),
        ],
    }
    return show(request, "webhooks/message", message.type, context)
