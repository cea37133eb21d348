"""ingest: what providers bring is stored and announced in one transaction; there is never one without the other."""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction

from accounts import usage
from healthdata.figures import due
from healthdata.records import Record
from healthdata.store import StoreResult, retract_rest, store
from healthdata.webhooks.emit import announce

#: provider → document of its → the ids that the document's newest version has
Documents = Mapping[str, Mapping[str, Collection[str]]]


def ingest(
    user_key: int,
    batches: Sequence[Sequence[Record]],
    *,
    documents: Documents | None = None,
    samples: bool = True,
    causes: Sequence[str] = (),
) -> list[StoreResult]:
    """Store batches of records of one end user and emit the events of what changed; one result a batch.

    What older versions of `documents` left is deleted before anything is told. Without `samples` no samples are told:
    who stores a long history in pieces announces their ranges at its end (healthdata.webhooks.ranges). `causes` names
    the batches in the history of the figures they change. Runs in the caller's transaction if there is one; values must
    be as `store` wants them.
    """
    with transaction.atomic(savepoint=False):  # a failure ends the caller's transaction, too
        results = store(user_key, batches, causes=causes)
        removed = StoreResult()
        for provider, said in (documents or {}).items():
            retract_rest(user_key, provider, said, removed)
        announce(user_key, [*results, removed], samples=samples)
        if documents or any(result.inserted or result.updated for result in results):
            due.WAKE_UP.request_work(user_key)
        usage.add_of_user(user_key, {usage.SAMPLES_STORED: sum(result.inserted for result in results)})
    return results
