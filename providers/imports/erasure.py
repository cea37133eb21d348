"""Imports as part of what belongs to an end user: erasing someone takes the uploaded files along."""

from datetime import timedelta

from accounts import erasure, leftovers
from providers.imports.arrivals import LONGEST, PATIENCE
from providers.models import ImportJob
from providers.payloads.erasure import part
from wearlink.lib import clock

_PART = part("imports", ImportJob)


def _erase(user_key: int) -> int:
    """What is there goes at once; what a link that is still good may bring, once it can bring nothing any more."""
    ended = clock.now() - PATIENCE
    links = ImportJob.objects.for_user(user_key).filter(upload_until__gt=ended).values_list("object_key", flat=True)
    keys = [key for key in links if key]
    removed = _PART.erase(user_key)
    leftovers.note(user_key, leftovers.OBJECT, keys, after=timedelta(seconds=LONGEST) + PATIENCE)
    return removed


erasure.register(erasure.ErasurePart(_PART.name, _erase, _PART.summary))
