"""Asking for the parts of a backfill, one at a time, under the lease of their connection."""

import random
import time
from datetime import timedelta
from typing import Final

from providers.connections import lifecycle
from providers.contract import GrantLost, HistoryAnswer, HistoryKind, RateLimited, VendorError, VendorUnavailable
from providers.models import BackfillPart
from providers.pull.connection_lease import ConnectionLease
from providers.runs import backfills
from providers.vendor_api.rate_limits import RESERVE
from wearlink.lib import clock
from wearlink.lib.errors import NotAvailable, NotFound
from wearlink.lib.work.leases import LeaseLost

ATTEMPTS: Final = 6
FIRST_RETRY: Final = 30.0
State = BackfillPart.State


def has_due(connection_key: int) -> bool:
    """Return whether a part of this connection waits to be asked for."""
    return backfills.next_part(connection_key) is not None


def request_all(lease: ConnectionLease) -> None:
    """Ask for parts until one is in flight; those that need no waiting are over at once."""
    while (part := backfills.next_part(lease.connection.pk)) is not None:
        lease.renew()
        if not backfills.mark_requested(part):
            return
        try:
            _ask(lease, part)
        except GrantLost:
            lifecycle.expire(lease.connection.pk, reason="token_rejected")
            raise LeaseLost from None


def _ask(lease: ConnectionLease, part: BackfillPart) -> None:
    """Make one request for history; its result is written to the part."""
    try:
        answer = lease.provider.request_history(
            lease.client(reserve=RESERVE), _kind(lease, part), clock.to_ms(part.start_at), clock.to_ms(part.end_at)
        )
    except GrantLost:
        backfills.postpone(part, timedelta())
        raise
    except RateLimited as error:
        wait = max(error.until - time.time(), 1) + random.uniform(0, 2)
        backfills.postpone(part, timedelta(seconds=wait), str(error))
    except VendorUnavailable as error:
        if part.attempts >= ATTEMPTS:
            backfills.end_part(part, State.FAILED, reason=error.code, error=str(error))
        else:
            wait = FIRST_RETRY * 2 ** (part.attempts - 1) * random.uniform(0.8, 1.2)
            backfills.postpone(part, timedelta(seconds=wait), str(error))
    except (VendorError, NotAvailable, NotFound) as error:
        backfills.end_part(part, State.FAILED, reason=str(error.code), error=str(error))
    else:
        _note(part, answer)


def _note(part: BackfillPart, answer: HistoryAnswer) -> None:
    if answer is HistoryAnswer.COMING:
        backfills.mark_answered(part)
    elif answer is HistoryAnswer.ALREADY_ASKED:
        backfills.end_part(part, State.DONE, reason=answer.value)
    else:
        backfills.end_part(part, State.NO_DATA, reason=answer.value)


def _kind(lease: ConnectionLease, part: BackfillPart) -> HistoryKind:
    """Return the adapter's entry. Raises NotFound where it has it no more."""
    for one in lease.provider.history:
        for kind in one.kinds:
            if kind.kind == part.kind:
                return kind
    raise NotFound(f"{lease.provider.name} has no history of this kind.")
