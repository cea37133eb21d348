"""Giving grants back to their vendors, after the connection has ended here. The rows are the queue."""

import logging
from datetime import timedelta
from typing import Final

from providers.contract import Grant, VendorError
from providers.models import Connection, ConnectionToken, Revocation
from providers.vendor_api import credentials
from providers.vendor_api.client import EndUserCaller, Tokens
from wearlink.lib import clock, task_queue
from wearlink.lib.errors import NotAvailable, NotFound

logger = logging.getLogger(__name__)
ATTEMPTS: Final = 5
BATCH_SIZE: Final = 100


def plan(row: Connection) -> None:
    """Have a connection's grant given back. A vendor knows one grant an account: while another end user's connection
    lives on the same account, only our own tokens are destroyed.
    """
    token = ConnectionToken.objects.filter(pk=row.pk).first()
    others = Connection.objects.live().filter(provider=row.provider, account=row.account, app_id=row.app_id)
    if token is None or others.exclude(pk=row.pk).exists():
        return
    planned = Revocation.objects.create(
        provider=row.provider, app_id=row.app_id, account=row.account, access=token.access, refresh=token.refresh
    )
    task_queue.enqueue("providers.pull.tasks.revoke_grant", planned.pk)


def due() -> list[int]:
    """Those to be tried now."""
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
            provider.revoke(EndUserCaller(app, lambda _: _tokens(row), account=row.account, grant=Grant()))
    except (VendorError, NotFound, NotAvailable) as error:
        logger.warning("%s did not take a grant back: %s", row.provider, error)
        if row.attempts + 1 < ATTEMPTS and isinstance(error, VendorError) and error.code in RETRIED:
            return
    row.delete()


RETRIED: Final = frozenset({"vendor_unavailable", "rate_limited"})


def _tokens(row: Revocation) -> Tokens:
    return Tokens(row.access, row.refresh)
