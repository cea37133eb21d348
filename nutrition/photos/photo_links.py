"""Links to photos that open for some minutes, for anybody who has them: a browser's <img> sends no credentials."""

from typing import Final

from django.conf import settings
from django.core import signing

from nutrition.models import MealImage
from wearlink.lib.errors import NotFound

SECONDS: Final = 600
_SALT: Final = "nutrition.photo"


def link(image: MealImage) -> str | None:
    """Return the address; None once the photo is gone."""
    if not image.s3_key:
        return None
    return f"{settings.BASE_URL}/api/v1/nutrition/photos/{signing.dumps(image.pk, salt=_SALT)}"


def resolve(token: str) -> MealImage:
    """Return the photo of a link. Raises NotFound for one that is forged or too old, or whose photo is gone."""
    try:
        key = signing.loads(token, salt=_SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise NotFound("This link is not valid any more.") from error
    image = MealImage.objects.filter(pk=key).exclude(s3_key="").first()
    if image is None:
        raise NotFound("This link is not valid any more.")
    return image
