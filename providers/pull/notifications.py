"""Notices of vendors that still need their documents: payloads in state "announced", resolved in the connection's turn.

They are stored before the vendor is answered (providers.webhooks.receive). A document that is not there yet is asked
for again after 1, 5 and 30 minutes; then the days around it are fetched, which finds whatever there is.
"""

import logging
import random
import time
from datetime import date, datetime, timedelta
from typing import Final

import msgspec
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from providers.connections import lifecycle
from providers.contract import (
    AnomalousPayload,
    Gone,
    GrantLost,
    Notice,
    RateLimited,
    VendorError,
    VendorNotFound,
    VendorUnavailable,
    Window,
)
from providers.models import Connection, Payload
from providers.payloads import bodies
from providers.pull import pages
from providers.pull.connection_lease import Turn, TurnLost
from wearlink.lib import clock
from wearlink.lib.errors import NotAvailable, NotFound, TooManyRequests, Unavailable

logger = logging.getLogger(__name__)
NOT_YET: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
ATTEMPTS: Final = 8
PAUSE: Final = timedelta(seconds=20)
AT_ONCE: Final = 200
ANNOUNCED: Final = Payload.State.ANNOUNCED


def due_of(connection_key: int) -> bool:
    """Whether a connection has notices to be resolved."""
    row = Connection.objects.filter(pk=connection_key).only("user_key", "provider").first()
    return row is not None and _due(row).exists()


def waiting(limit: int, *, grace: float = 10) -> list[int]:
    """Connections with notices that have been due for `grace` seconds and that nobody is at work on."""
    due = Payload.objects.filter(state=ANNOUNCED, due_at__lte=Now() - timedelta(seconds=grace))
    found = due.values_list("user_key", "provider").distinct()[:limit]
    keys = {user_key for user_key, _ in found if user_key is not None}
    rows = Connection.objects.live().free().filter(user_key__in=keys).values_list("pk", "user_key", "provider")
    wanted = set(found)
    return [pk for pk, user_key, provider in rows if (user_key, provider) in wanted]


def resolve_all(turn: Turn) -> None:
    """Resolve what is due, in the order of receipt. Of several notices of one object only the last is looked into."""
    rows = list(_due(turn.connection).order_by("id")[:AT_ONCE])
    notices = [(row, msgspec.json.decode(bodies.unpack(bytes(row.body or b"")), type=Notice)) for row in rows]
    last: dict[tuple[str, str], tuple[int, int]] = {}
    for row, notice in notices:
        if notice.object_id:
            name = (notice.kind, notice.object_id)
            last[name] = max(last.get(name, (0, 0)), (notice.at, row.pk))
    for row, notice in notices:
        turn.keep()
        if notice.object_id and last[notice.kind, notice.object_id] != (notice.at, row.pk):
            _done(row)
        else:
            _resolve(turn, row, notice)


def _resolve(turn: Turn, row: Payload, notice: Notice) -> None:
    """One notice; its row says what became of it."""
    try:
        _fetch(turn, row, notice)
    except GrantLost:
        if notice.deauthorised:
            lifecycle.revoke(turn.connection.pk, reason="deregistration")
        else:
            lifecycle.expire(turn.connection.pk, reason="token_rejected")
        raise TurnLost from None
    except VendorNotFound as error:
        _later(row, NOT_YET[min(row.attempts, len(NOT_YET) - 1)], str(error))
    except RateLimited as error:
        _later(row, timedelta(seconds=max(error.until - time.time(), 1)), str(error), forgive=True)
    except (TooManyRequests, Unavailable):
        _later(row, PAUSE, "A part of the service did not answer.", forgive=True)
    except VendorUnavailable as error:
        _later(row, timedelta(seconds=30 * 2**row.attempts), str(error))
    except (VendorError, AnomalousPayload, NotAvailable, NotFound) as error:
        _dead(row, str(error))
    except Exception as error:
        _dead(row, f"The notice could not be resolved ({type(error).__name__}).")
        raise
    else:
        _done(row)


def _fetch(turn: Turn, row: Payload, notice: Notice) -> None:
    if notice.deleted and notice.trusted:
        pages.keep(turn, [Gone(notice.object_id)])
        return
    client, provider = turn.client(background=False), turn.provider
    if row.attempts >= len(NOT_YET) and provider.capabilities.pull and notice.object_id:
        found = provider.fetch(client, _around(notice, row.received_at))
    else:
        found = provider.resolve(client, notice)  # type: ignore[assignment]
    for problem in pages.keep(turn, found):
        lifecycle.trouble(turn.connection.pk, f"{problem['kind']}: {problem['detail'] or problem['code']}")


def _around(notice: Notice, received: datetime) -> Window:
    """The days a notice is about, as far as it tells."""
    day: date = notice.start or (clock.from_ms(notice.at) if notice.at else received).date()
    return Window(day, notice.end or day).widened(before=1, after=1)


def _due(connection: Connection) -> QuerySet[Payload]:
    return Payload.objects.filter(
        user_key=connection.user_key, provider=connection.provider, state=ANNOUNCED, due_at__lte=Now()
    )


def _done(row: Payload) -> None:
    Payload.objects.filter(pk=row.pk, state=ANNOUNCED).update(state=Payload.State.DONE, done_at=clock.now(), error="")


def _dead(row: Payload, error: str) -> None:
    logger.warning("A notice of %s was given up: %s", row.provider, error)
    changes = {"state": Payload.State.DEAD, "done_at": clock.now(), "error": error[:500]}
    Payload.objects.filter(pk=row.pk, state=ANNOUNCED).update(**changes)


def _later(row: Payload, wait: timedelta, error: str, *, forgive: bool = False) -> None:
    if row.attempts >= ATTEMPTS:
        _dead(row, error)
        return
    Payload.objects.filter(pk=row.pk, state=ANNOUNCED).update(
        attempts=F("attempts") + (0 if forgive else 1), due_at=Now() + wait * random.uniform(1, 1.1), error=error
    )
