"""The link of an export: opens once, for some hours, for anybody who has it.

What it holds is random; only its digest can be looked up, and it is signed together with its end, so that guesses and
links whose time is over are refused without a look into the database. A download that breaks off can go on for a
minute from where it came from.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Q

from accounts.exports.models import DataExport
from wearlink.lib import clock
from wearlink.lib.errors import Gone, NotFound

RESUMABLE: Final = timedelta(seconds=60)


class LinkGone(Gone):
    """The link has done its work, or its time is over."""

    default_code = "link_used"


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """A new link's token, and what finds the export by it."""

    token: str
    digest: bytes


def make(expires: datetime) -> DownloadLink:
    """Return a link that ends at that moment."""
    secret = secrets.token_urlsafe(32)
    return DownloadLink(_signer().sign(f"{secret}.{int(expires.timestamp())}"), _digest(secret))


def address(token: str) -> str:
    """Return where to download; says nothing of whose data it is."""
    return f"{settings.BASE_URL}/api/v1/data-exports/{token}/download"


def find(token: str) -> DataExport:
    """Return the export of a link, used or not. Raises NotFound for a guess, LinkGone once its time is over."""
    try:
        secret, _, expires = _signer().unsign(token).rpartition(".")
    except BadSignature as error:
        raise NotFound("There is no such download.") from error
    if clock.now().timestamp() >= int(expires):
        raise LinkGone("This link has expired. Ask for a new export.", code="link_expired")
    export = DataExport.objects.filter(token_hash=_digest(secret)).first()
    if export is None:
        raise LinkGone("This link was used, or its data was erased.")
    return export


def client_of(address: str, program: str) -> bytes:
    """Tell a client from others by its address and program, without keeping either."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"export client {address}\n{program}".encode(), "sha256")


def use(export: DataExport, client: bytes, start: int) -> bool:
    """Take the right to send the archive from byte `start` on; True if it is the first time. Raises LinkGone.

    Of any number who ask at once, one gets it. It can go on from a later byte, or begin again where the answer broke
    off, for the same client and a short time.
    """
    now = clock.now()
    mine = DataExport.objects.filter(pk=export.pk)
    used = {"state": DataExport.State.DOWNLOADED, "resumable_until": now + RESUMABLE, "is_broken_off": False}
    fresh = mine.filter(state=DataExport.State.READY, expires_at__gt=now)
    if fresh.update(downloaded_at=now, downloaded_by=client, **used):
        return True
    again = mine.filter(state=DataExport.State.DOWNLOADED, downloaded_by=client, resumable_until__gt=now)
    if again.filter(Q(is_broken_off=True) if start == 0 else Q()).update(**used):
        return False
    raise LinkGone("This link was used before. Ask for a new export.")


def still_sending(export: DataExport) -> None:
    """Keep the archive, and the right to go on, for another minute."""
    DataExport.objects.filter(pk=export.pk).update(resumable_until=clock.now() + RESUMABLE)


def ended(export: DataExport, *, whole: bool) -> None:
    """Note the end of a download; whole: all of it was sent, else the client has gone."""
    DataExport.objects.filter(pk=export.pk).update(resumable_until=clock.now() + RESUMABLE, is_broken_off=not whole)


def _signer() -> Signer:
    return Signer(sep=".", salt="accounts.exports.link")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
