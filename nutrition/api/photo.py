"""GET /nutrition/photos/{token}: what a signed link opens."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from nutrition.photos import photo_links
from wearlink.lib import storage
from wearlink.lib.api.views import TenantView


class LinkedPhoto(TenantView):
    """A photo without metadata, as a small JPEG where one has been made."""

    callers = frozenset()

    @extend_schema(exclude=True)
    def get(self, request: Request, token: str) -> HttpResponse:
        """Send the photo with one of our own content types; it is not to be sniffed or cached."""
        image = photo_links.resolve(token)
        kind = "jpeg" if image.view_key else image.kind
        data = storage.get(image.view_key or image.s3_key)
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(data, content_type=f"image/{kind}", headers=headers)
