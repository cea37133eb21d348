"""Giving grants back to their vendors, after the connection has ended here. The rows are the queue."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from providers.contract import Grant, GrantLost, VendorError
from providers.models import Connection, ConnectionToken, Revocation
from providers.vendor_api import credentials, token_endpoint
from providers.vendor_api.client import EndUserCaller, Tokens
from providers.vendor_api.credentials import VendorApp
from wearlink.lib import clock, tenancy
from wearlink.lib.errors import NotAvailable, NotFound
from wearlink.lib.work import task_queue

logger = logging.getLogger(__name__)
ATTEMPTS: Final = 5
BATCH_SIZE: Final = 100


@tenancy.platform()
def plan(row: Connection) -> int | None:
    """Have a connection's grant given back; returns the key of the revocation, if there is one.

    A vendor knows one grant an account: while another end user's connection lives on the same account, of
    whichever organization, only our own tokens are destroyed.
    """
    token = ConnectionToken.objects.filter(pk=row.pk).first()
    others = Connection.objects.live().filter(provider=row.provider, account=row.account, app_id=row.app_id)
    if token is None or others.exclude(pk=row.pk).exists():
        return None
    planned = Revocation.objects.create(
        provider=row.provider, app_id=row.app_id, account=row.account, access=token.access, refresh=token.refresh
    )
    task_queue.enqueue("providers.pull.tasks.revoke_grant", planned.pk)
    return planned.pk


def due() -> list[int]:
    """Return those to be tried now."""
    rows = Revocation.objects.filter(due_at__lte=clock.now()).order_by("due_at")
    return list(rows.values_list("pk", flat=True)[:BATCH_SIZE])


def revoke(revocation_id: int) -> None:
    """Ask the vendor. Whatever it says, the token is gone here; only where it does not answer it is asked again."""
    row = Revocation.objects.select_related("app").filter(pk=revocation_id).first()
    if row is None:
        return
    wait = timedelta(minutes=5) * 3**row.attempts
    Revocation.objects.filter(pk=row.pk).update(attempts=row.attempts + 1, due_at=clock.now() + wait)
    try:
        provider = credentials.get_cloud(row.provider)
        app = credentials.organization_app(provider, row.app) if row.app else credentials.platform_app(provider)
        if app is not None:
            provider.revoke(EndUserCaller(app, _renewer(row, app), account=row.account, grant=Grant()))
    except (VendorError, NotFound, NotAvailable) as error:
        logger.warning("%s did not take a grant back: %s", row.provider, error)
        if row.attempts + 1 < ATTEMPTS and isinstance(error, VendorError) and error.code in RETRIED:
            return
    row.delete()


RETRIED: Final = frozenset({"vendor_unavailable", "rate_limited"})


def _renewer(row: Revocation, app: VendorApp) -> Callable[[str | None], Tokens]:
    """Return the row's tokens. Some vendors take a grant back only with a token that still works, so one that is
    refused is refreshed; the new pair is kept, for the old one may be good for nothing by then.
    """

    def renew(rejected: str | None) -> Tokens:
        if rejected is not None and rejected == row.access:
            if not row.refresh:
                raise GrantLost("There is no token to renew the grant's with.")
            token = token_endpoint.refresh(app, row.refresh)
            row.access, row.refresh = token.access_token, token.refresh_token or row.refresh
            Revocation.objects.filter(pk=row.pk).update(access=row.access, refresh=row.refresh)
        return Tokens(row.access, row.refresh)

    return renew
