"""Logos of organizations: any small picture becomes a PNG of our own, which the connect page shows."""

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.urls import reverse

from accounts.models import Organization, OrganizationLogo
from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    from PIL import Image
else:
    Image = LazyModule("PIL.Image")

FORMATS: Final = ("PNG", "JPEG", "WEBP")
MAX_BYTES: Final = 100_000
MAX_SIDE: Final = 2000  # pixels, of what is sent
KEPT: Final = (480, 160)  # pixels, the most that is kept: 160 x 53 points on a screen of three pixels a point


class NotALogo(Exception):
    """A picture that cannot be a logo; the text is for the sender."""


def to_png(data: bytes) -> bytes:
    """Return the pixels as a PNG and nothing else of what the file held. Raises NotALogo."""
    if len(data) > MAX_BYTES:
        raise NotALogo(f"is larger than {MAX_BYTES:,} bytes.")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if max(image.size) > MAX_SIDE:
                raise NotALogo(f"has more than {MAX_SIDE:,} pixels a side.")
            plain = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError) as error:
        raise NotALogo("is no PNG, JPEG or WebP.") from error
    plain.thumbnail(KEPT)
    clean = Image.new("RGBA", plain.size)
    clean.paste(plain)
    out = BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()


def put(organization: Organization, png: bytes | None) -> bool:
    """Keep a logo, or take it away with None; whether that changed anything."""
    rows = OrganizationLogo.objects.filter(organization=organization)
    if png is None:
        return rows.delete()[0] > 0
    digest = hashlib.sha256(png).hexdigest()[:16]
    if rows.filter(digest=digest).exists():
        return False
    OrganizationLogo.objects.update_or_create(organization=organization, defaults={"png": png, "digest": digest})
    return True


def address(organization: Organization) -> str | None:
    """Return where the logo is shown to everybody; another one has another address. None where there is none."""
    rows = OrganizationLogo.objects.filter(organization=organization)
    digest = rows.values_list("digest", flat=True).first()
    if digest is None:
        return None
    return settings.BASE_URL + reverse("organization-logo", args=[organization.pk, digest])
