"""The panel that shows a page's call of the API, for pages whose views make no ApiCall."""

import json

from django import template

from adminportal.dashboard.calls import ApiCall

register = template.Library()


@register.inclusion_tag("dashboard/call.html")
def api_call(method: str, path: str, body: str = "") -> dict[str, ApiCall]:
    """body: JSON, as the page writes it down."""
    return {"call": ApiCall(method, path, "", json.loads(body) if body else None)}
