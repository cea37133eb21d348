"""Imports as part of what belongs to an end user: erasing someone takes the uploaded files along."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from accounts.deletion import erasure, leftovers, orphans
from accounts.deletion.erasure import ErasedUser, Rows
from providers.imports.arrivals import ARRIVAL_TIMEOUT, MAX_LINK_SECONDS
from providers.models import ImportJob
from providers.payloads.erasure import folder, part
from wearlink.lib import clock

_PART: Final = part("imports", ImportJob)


def _erase(user: ErasedUser) -> Rows:
    """Delete what is there at once; what a link that is still good may bring, once it can bring nothing any more."""
    ended = clock.now() - ARRIVAL_TIMEOUT
    links = ImportJob.objects.for_user(user.key).filter(upload_until__gt=ended).values_list("object_key", flat=True)
    keys = [key for key in links if key]
    removed = _PART.erase(user)
    leftovers.note(user, leftovers.OBJECT, keys, after=timedelta(seconds=MAX_LINK_SECONDS) + ARRIVAL_TIMEOUT)
    return removed


orphans.register(folder("imports", ImportJob, "job_id"))
erasure.register(replace(_PART, erase=_erase))
