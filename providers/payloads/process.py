"""Processing of payloads into stored records: one end user's queue, emptied in the order of receipt.

Small payloads of a run are stored in one transaction together with their results, so that "done" and the data are one
commit. What may go wrong is kept apart:

- the database or the object store does not answer: it costs no attempt; all wait, in their order, and try again later;
- one payload cannot be processed (poison): it is tried alone, five times in all, then it is dead; the others go on;
- the worker dies: its lease runs out, and the attempt has been counted.
"""

import json
import logging
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now

from accounts.deletion.erasure import UserGone, lock_user
from accounts.end_users import zones
from healthdata.days import ZoneHistory
from healthdata.ingest import Documents, ingest
from healthdata.records import ClearedRange, Record, Rejected, StatedZone
from healthdata.store import StoreResult
from providers import registry
from providers.contract import AnomalousPayload, Context, Retraction, read_json
from providers.models import Payload
from providers.payloads import bodies, outdated
from providers.payloads.leases import CROWDED_ITEMS, MAX_ATTEMPTS, PayloadLease, StoredOutcome, acquire
from providers.payloads.rejections import Rejections
from providers.runs import sync_runs
from wearlink.lib import clock, storage, tenancy
from wearlink.lib.errors import NotFound, Unavailable
from wearlink.lib.work.leases import LeaseLost

logger = logging.getLogger(__name__)

DELETIONS: Final = "gone"  # kind of a payload that only says which documents are no more: a JSON list of their ids
MAX_RECORDS: Final = 50_000  # of one payload that are held in memory; more are stored piece by piece
BUDGET_SECONDS: Final = 1  # of one turn; what is left goes behind what other organizations wait for
OUTAGE: Final = timedelta(seconds=15)
FIRST_RETRY: Final = timedelta(seconds=5)
_LIMIT_EXCEEDED: Final = "54"  # class of SQLSTATEs: the statement is too much for any server


NormalisedItem = Record | Rejected | Retraction | ClearedRange | StatedZone
_ASIDES: Final = frozenset({Rejected, Retraction, ClearedRange, StatedZone})  # what is no record


@dataclass(slots=True)
class NormalisedPayload:
    """One payload, read: its records in order, the documents and times it is the whole of, and what was refused."""

    payload: Payload
    records: list[Record] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    cleared: list[ClearedRange] = field(default_factory=list)
    clocks: list[StatedZone] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)  # of those that their vendor numbers
    rest: Iterator[NormalisedItem] | None = None  # what is still to be read, of a payload with very many records
    rejections: Rejections = field(default_factory=Rejections)


def is_outage(error: Exception) -> bool:
    """Return whether a part we depend on is at fault, so that the same work may succeed later."""
    if isinstance(error, OperationalError | InterfaceError):
        return not (getattr(error.__cause__, "sqlstate", None) or "").startswith(_LIMIT_EXCEEDED)
    return isinstance(error, Unavailable)


def drain(user_key: int, *, crowded: bool = False) -> bool:
    """Process a user's waiting payloads; True if time ran out before the queue did.

    `crowded`: other organizations send, too, so only a small group is processed. Returns at once while somebody else
    holds the user's lease: the holder looks again before it ends.
    """
    deadline = time.monotonic() + (0 if crowded else BUDGET_SECONDS)
    while (lease := acquire(user_key, most=CROWDED_ITEMS if crowded else None)) is not None:
        try:
            with tenancy.organization(lease.organization_id, user_key=user_key):
                _process(lease)
        except LeaseLost:
            logger.warning("A lease on payloads was lost; the work is rolled back")
        except UserGone:
            return False
        except Exception as error:  # an outage has many names; all else is raised
            if not is_outage(error):
                raise
            _back_off(lease, error)
            return False
        if time.monotonic() > deadline:
            return True
    return False


def _process(lease: PayloadLease) -> None:
    history = ZoneHistory(zones.history(lease.user_key))
    readings = []
    for payload in list(lease.payloads):
        lease.renew()
        try:
            readings.append(normalise_payload(payload, history, most=MAX_RECORDS))
        except Exception as error:  # an adapter may fail in any way, and its neighbours go on
            if is_outage(error):
                raise
            _record_failure(lease, payload, error)
    if readings:
        _store(lease, readings)


def normalise_payload(payload: Payload, history: ZoneHistory, *, most: int | None = None) -> NormalisedPayload:
    """Normalise a stored payload. Raises AnomalousPayload, and Unavailable when its body cannot be had.

    With `most` only about so many records are read, and `rest` gives the others; but a payload that says what it is
    the whole of is read to its end.
    """
    reading = NormalisedPayload(payload)
    context = Context(received=clock.to_ms(payload.received_at), zones=history, kind=payload.kind)
    if payload.kind == DELETIONS:
        reading.documents = read_json(body_of(payload), list[str])
        return reading
    reading.rest = iter(registry.get(payload.provider).normalise(body_of(payload), context))
    _read_on(reading, most)
    return reading


def _read_on(reading: NormalisedPayload, most: int | None) -> None:
    """Take the next records out of `rest`, which is None once they are all."""
    rest, left = reading.rest or iter(()), most
    # A list at a time: nearly all are records, and a loop over them would take as long as making them.
    while items := list(islice(rest, left)):
        asides = [item for item in items if item.__class__ in _ASIDES]
        for aside in asides:
            _note(reading, aside)
        records = [item for item in items if item.__class__ not in _ASIDES] if asides else items
        reading.records += records  # type: ignore[arg-type]
        if most is None or reading.documents or reading.cleared:
            left = most
        elif (left := most - len(reading.records)) <= 0:
            return
    reading.rest = None


def _note(reading: NormalisedPayload, item: NormalisedItem) -> None:
    """Take down what came beside the records."""
    if isinstance(item, Rejected):
        reading.rejections.add(item)
    elif isinstance(item, Retraction):
        reading.documents.append(item.external_id)
        if item.version is not None:
            reading.versions[item.external_id] = item.version
    elif isinstance(item, ClearedRange):
        reading.cleared.append(item)
    elif isinstance(item, StatedZone):
        reading.clocks.append(item)


def body_of(payload: Payload) -> bytes:
    """Return the raw body. Raises AnomalousPayload if it was removed, Unavailable if the object store
    does not answer.
    """
    try:
        return storage.get(payload.object_key) if payload.body is None else bodies.unpack(bytes(payload.body))
    except NotFound as error:
        raise AnomalousPayload("The stored body is gone.") from error
    except zlib.error as error:
        raise AnomalousPayload("The stored body is damaged.") from error


def _store(lease: PayloadLease, readings: Sequence[NormalisedPayload]) -> None:
    """Store all or nothing. If several fail together, each is tried again alone before it counts as failed."""
    try:
        with transaction.atomic():
            lock_user(lease.user_key)
            lease.lock()
            results = _ingest(lease.user_key, readings)
            for reading, result in zip(readings, results, strict=True):
                _store_rest(lease.user_key, reading, result)
                reading.rejections.add_crowded(result.refused)
            lease.finish_stored([_outcome(*one) for one in zip(readings, results, strict=True)])
            sync_runs.record_stored(
                sync_runs.StoredPayload(
                    reading.payload.run_key, reading.payload.kind, result.inserted, result.updated, result.unchanged,
                    reading.rejections.counts.total(), *reading.rejections.problem(),
                )
                for reading, result in zip(readings, results, strict=True)
                if reading.payload.run_key is not None
            )  # fmt: skip
    except (LeaseLost, UserGone):
        raise
    except Exception as error:  # what one payload breaks keeps no other back
        if is_outage(error):
            raise
        if len(readings) > 1:
            logger.warning("Payloads could not be stored together; each is tried alone", exc_info=True)
            lease.release()
        else:
            _record_failure(lease, readings[0].payload, error)


def _ingest(user_key: int, readings: Sequence[NormalisedPayload]) -> list[StoreResult]:
    outdated.leave_out(user_key, readings)
    return ingest(
        user_key,
        [reading.records for reading in readings],
        documents=_documents(readings),
        cleared={
            number: (reading.payload.provider, reading.cleared)
            for number, reading in enumerate(readings)
            if reading.cleared
        },
        clocks=[one for reading in readings for one in reading.clocks],
        causes=[f"batch:{reading.payload.batch_id}" for reading in readings],
    )


def _store_rest(user_key: int, reading: NormalisedPayload, result: StoreResult) -> None:
    """Store the records of a payload beyond the first many, so many at a time, in the same transaction."""
    while reading.rest is not None:
        reading.records, reading.documents, reading.cleared, reading.clocks, reading.versions = [], [], [], [], {}
        _read_on(reading, MAX_RECORDS)
        (more,) = _ingest(user_key, [reading])
        result.count(inserted=more.inserted, updated=more.updated, unchanged=more.unchanged)
        result.refused += more.refused


def _documents(readings: Sequence[NormalisedPayload]) -> Documents:
    """Delete what an older version of a document left; of several versions together the last one counts."""
    by_provider: dict[str, dict[str, set[str]]] = {}
    for reading in readings:
        if reading.documents:
            ids = {record.external_id for record in reading.records if record.external_id is not None}
            documents = by_provider.setdefault(reading.payload.provider, {})
            documents.update(
                (document, {one for one in ids if one.partition("#")[0] == document}) for document in reading.documents
            )
    return by_provider


def _outcome(reading: NormalisedPayload, result: StoreResult) -> StoredOutcome:
    rejected = reading.rejections
    return StoredOutcome(
        reading.payload.pk,
        result.inserted,
        result.updated,
        result.unchanged,
        json.dumps(rejected.counts),
        json.dumps(rejected.examples),
    )


def _record_failure(lease: PayloadLease, payload: Payload, error: Exception) -> None:
    """Record why a payload failed; after the last attempt, or where trying again cannot help, it is dead."""
    logger.error(
        "Payload %s of provider %s failed at attempt %s", payload.batch_id, payload.provider, payload.attempts,
        exc_info=error,
    )  # fmt: skip
    hopeless = isinstance(error, AnomalousPayload)
    detail = str(error) if hopeless else f"Processing failed ({type(error).__name__})."
    if hopeless or payload.attempts >= MAX_ATTEMPTS:
        with transaction.atomic():
            lease.finish(payload, state=Payload.State.DEAD, done_at=clock.now(), error=detail)
            if payload.run_key is not None:
                sync_runs.record_stored([sync_runs.StoredPayload(payload.run_key, payload.kind, dead=detail)])
        return
    due = Now() + FIRST_RETRY * 2 ** (payload.attempts - 1)
    lease.finish(payload, state=Payload.State.RECEIVED, due_at=due, error=detail)


def _back_off(lease: PayloadLease, error: Exception) -> None:
    """Leave the queue as it was, for a while that grows with the age of its oldest payload."""
    logger.warning("Payloads wait: %s", type(error).__name__)
    if not lease.payloads:
        return
    age = clock.now() - min(payload.received_at for payload in lease.payloads)
    due = max(OUTAGE, min(age / 4, 20 * OUTAGE))
    if connection.connection is not None and not connection.is_usable():
        connection.close()  # so that the next query opens a new one
    try:
        lease.release(due=due, forgive=True, error="A part of the service did not answer; the payload is tried again.")
    except (DatabaseError, InterfaceError) as failure:  # the lease runs out by itself
        logger.warning("Payloads could not be given back: %s", type(failure).__name__)
