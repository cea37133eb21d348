"""An end user at a glance."""

from django.http import HttpResponse

from adminportal.dashboard.end_user import find, show_tab
from adminportal.dashboard.shell import TenantRequest, page


@page("GET", section="end-users")
def overview(request: TenantRequest, user_id: str) -> HttpResponse:
    """What there is of them."""
    return show_tab(request, find(request, user_id), "end-user", {})
