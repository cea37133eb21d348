"""The catalogue of events: what may be subscribed to, and of each the schema and an example of its data."""

import json
from typing import Final

from django.http import Http404, HttpResponse

from accounts.webhooks import event_types
from accounts.webhooks.api import answers
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.webhooks import event_picker

PATH: Final = "/api/v1/webhooks/event-types"
LEVELS: Final = {
    "session": "a session or a change of state",
    "group": "samples of any series of the group",
    "granular": "samples of one series",
}


@page(section="webhooks")
def listed(request: TenantRequest) -> HttpResponse:
    """Return all types by group, those whose name or words hold ?q."""
    words = request.GET.get("q", "").strip().lower().replace("_", " ").split()
    groups = []
    for group in event_picker.groups(()):
        found = [one.type for one in group.choices if all(word in one.search.replace("_", " ") for word in words)]
        if found:
            groups.append((group, found))
    context = {
        "groups": groups,
        "q": request.GET.get("q", ""),
        "count": sum(len(found) for _, found in groups),
        "is_open": bool(words),
        "calls": [ApiCall("GET", PATH, "list event types", query={"with_schema": "true"})],
    }
    return show(request, "webhooks/event_types", "Event types", context)


@page(section="webhooks")
def detail(request: TenantRequest, event_type: str) -> HttpResponse:
    """Return one type with the JSON Schema of its data and an example."""
    found = event_types.find(event_type)
    if found is None:
        raise Http404
    description = answers.whole_event_type(found)
    context = {
        "one": found,
        "level": LEVELS[found.level.value],
        "schema": json.dumps(description["schema"], indent=2, ensure_ascii=False),
        "example": json.dumps(description["example"], indent=2, ensure_ascii=False),
        "calls": [
            ApiCall("GET", f"{PATH}/{found.name}", "read this event type"),
            ApiCall(
                "POST",
                "/api/v1/webhooks/endpoints",
                "subscribe to it",
                {"url": "https://api.example.com/wearlink", "filter_types": [found.name]},
            ),
        ],
    }
    return show(request, "webhooks/event_type", found.name, context)
