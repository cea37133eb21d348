"""ingest: what providers bring is stored and announced in one transaction; there is never one without the other."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from django.db import transaction

from accounts import usage
from healthdata.figures import arrivals, due
from healthdata.records import ClearedRange, StatedZone, Storable
from healthdata.store import StoreResult, clear, retract_rest, store
from healthdata.webhooks.emit import emit_changes
from healthdata.zones import zone_learning

#: provider → document of its → the ids that the document's newest version has
Documents = Mapping[str, Mapping[str, Collection[str]]]
#: a provider, and the stretches of time of which it tells all there is
Cleared = tuple[str, Sequence[ClearedRange]]


def ingest(
    user_key: int,
    batches: Sequence[Sequence[Storable]],
    *,
    documents: Documents | None = None,
    cleared: Mapping[int, Cleared] | None = None,
    clocks: Sequence[StatedZone] = (),
    samples: bool = True,
    causes: Sequence[str] = (),
) -> list[StoreResult]:
    """Store batches of records of one end user and emit the events of what changed; one result a batch.

    What older versions of `documents` left is deleted before events are made; what is `cleared` with a batch goes
    after the batches before it and before its own records. `clocks` is what phones said of the zone they are in.
    Without `samples` no events have samples: a caller that stores a long history in pieces emits ranges at its end
    (healthdata.webhooks.ranges). `causes` names the batches in the history of the figures they change. Runs in the
    caller's transaction if there is one; values must be as `store` wants them.
    """
    with transaction.atomic(savepoint=False):  # a failure ends the caller's transaction, too
        removed = StoreResult()
        zone_learning.hear(user_key, clocks)
        results = _store(user_key, batches, cleared or {}, causes, removed)
        for provider, documents_of in (documents or {}).items():
            retract_rest(user_key, provider, documents_of, removed)
        emit_changes(user_key, [*results, removed], samples=samples)
        if documents or cleared or any(result.inserted or result.updated for result in results):
            due.LINE.request_work(user_key, after=arrivals.SETTLING_SECONDS)
        usage.add_of_user(user_key, {usage.SAMPLES_STORED: sum(result.inserted for result in results)})
    return results


def _store(
    user_key: int, batches: Sequence[Sequence[Storable]], cleared: Mapping[int, Cleared], causes: Sequence[str],
    removed: StoreResult,
) -> list[StoreResult]:  # fmt: skip
    """Return batches in their order; all in one call where nothing is cleared between them."""
    results: list[StoreResult] = []
    edges = [0, *sorted(number for number in cleared if number), len(batches)]
    for first, last in pairwise(edges):
        if first in cleared:
            provider, ranges = cleared[first]
            kept = {record.external_id for record in batches[first] if record.external_id is not None}
            clear(user_key, provider, ranges, kept, removed)
        results += store(user_key, batches[first:last], causes=causes[first:last])
    return results
