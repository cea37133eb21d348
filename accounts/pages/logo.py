"""/logos/…: what an organization shows of itself on the connect page."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import OrganizationLogo


@require_safe
def logo(request: HttpRequest, organization: UUID, digest: str) -> HttpResponse:
    """Show it to everybody; another logo has another address, so caches may keep this one."""
    row = OrganizationLogo.objects.filter(organization=organization, digest=digest).first()
    if row is None:
        raise Http404
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(bytes(row.png), content_type="image/png", headers=headers)
