"""Reading stored payloads again, after a mapping was corrected: first to see what would change, then for real."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.deletion.erasure import UserGone, lock_user
from accounts.end_users import zones
from healthdata.days import ZoneHistory
from healthdata.ingest import ingest
from healthdata.store import store
from providers.contract import AnomalousPayload
from providers.models import NOTIFICATION_KIND, Payload, PayloadQuerySet
from providers.payloads.process import DELETIONS, normalise_payload


@dataclass(frozen=True, slots=True)
class RenormaliseResult:
    """The result of reading one payload again, also in a dry run; `error` if it could not be read."""

    payload: Payload
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    error: str = ""


def selection(
    *, provider: str | None = None, user_key: int | None = None, since: datetime | None = None
) -> PayloadQuerySet:
    """Return payloads that were processed before."""
    done = Payload.objects.filter(state=Payload.State.DONE).exclude(user_key=None)
    payloads = done.exclude(kind__startswith=NOTIFICATION_KIND).exclude(kind=DELETIONS)
    if provider is not None:
        payloads = payloads.filter(provider=provider)
    if user_key is not None:
        payloads = payloads.for_user(user_key)
    return payloads if since is None else payloads.filter(received_at__gte=since)


def renormalise(payloads: PayloadQuerySet, *, apply: bool) -> Iterator[RenormaliseResult]:
    """Run payloads again, each user's in one transaction and in their order.

    Without `apply` each transaction is rolled back, so that the outcomes say what would change, nothing does and
    no event is emitted.
    """
    users = payloads.order_by("user_key").values_list("user_key", flat=True).distinct()
    for user_key in list(users):
        if user_key is not None:
            yield from _renormalise_user(user_key, payloads.for_user(user_key), apply=apply)


@transaction.atomic
def _renormalise_user(user_key: int, payloads: PayloadQuerySet, *, apply: bool) -> list[RenormaliseResult]:
    try:
        lock_user(user_key)
    except UserGone:
        return []
    history = ZoneHistory(zones.history(user_key))
    outcomes = [
        _renormalise_payload(payload, history, apply=apply)
        for payload in payloads.order_by("id").iterator(chunk_size=20)
    ]
    if not apply:
        transaction.set_rollback(True)
    return outcomes


def _renormalise_payload(payload: Payload, history: ZoneHistory, *, apply: bool) -> RenormaliseResult:
    try:
        reading = normalise_payload(payload, history)
    except AnomalousPayload as error:
        return RenormaliseResult(payload, error=str(error))
    keep = ingest if apply else store  # what is rolled back emits no events
    (result,) = keep(payload.user_key or 0, [reading.records])
    rejected = reading.rejections
    Payload.objects.filter(pk=payload.pk).update(
        rejected=dict(rejected.counts), reject_samples=rejected.examples
    )  # fmt: skip
    return RenormaliseResult(payload, result.inserted, result.updated, result.unchanged, rejected.counts.total())
