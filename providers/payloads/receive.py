"""Taking payloads in. When `receive` returns, the body is stored durably and will be processed, broker or no broker."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, Sum, Value, When
from django.db.models.functions import Now

from accounts import usage
from providers.models import NOTIFICATION_KIND, Payload, PayloadQuerySet
from providers.payloads import backlog, bodies
from providers.payloads.insert import insert_payloads
from providers.payloads.tasks import enqueue
from wearlink.lib import clock, storage
from wearlink.lib.errors import NotFound, TooManyRequests
from wearlink.lib.postgres import prepared

INLINE_BYTES: Final = 256 * 1024  # of a packed body in its row; larger ones become objects
PACKED_UP_TO: Final = 1024 * 1024  # packing larger ones takes longer than writing a file
SYNC_KIND: Final = "sync"

_PAYLOAD: Final = Payload._meta.db_table
# How much of this user waits, counted no further than the bound.
_WAITING: Final = f"""(
    SELECT count(*) AS number, coalesce(sum(size), 0)::bigint AS bytes FROM (
        SELECT size FROM {_PAYLOAD}
        WHERE user_key = %(user_key)s::bigint AND state IN ('received', 'processing') LIMIT %(bound)s::int
    ) counted
) waiting"""  # noqa: S608 - the names are our own
# Nothing is added to a backlog that is full.
_INSERT: Final = insert_payloads(
    f"""(
        SELECT %(batch_id)s::uuid AS batch_id, %(user_key)s::bigint AS user_key,
               %(organization_id)s::uuid AS organization_id, %(provider)s::text AS provider, %(kind)s::text AS kind,
               %(sha256)s::bytea AS sha256, %(size)s::int AS size, %(items)s::int AS items, %(body)s::bytea AS body,
               %(object_key)s::text AS object_key, %(run_key)s::bigint AS run_key,
               %(received_at)s::timestamptz AS received_at
        WHERE (SELECT number < %(bound)s::int AND bytes + %(size)s::int <= %(most)s::bigint FROM {_WAITING})
    )""",  # noqa: S608 - the names are our own
    Payload.State.RECEIVED,
)
_INSERT_MANY: Final = insert_payloads(
    """(
        SELECT * FROM unnest(
            %(batch_ids)s::uuid[], %(user_keys)s::bigint[], %(organization_ids)s::uuid[], %(providers)s::text[],
            %(kinds)s::text[], %(digests)s::bytea[], %(sizes)s::int[], %(items)s::int[], %(bodies)s::bytea[]
        ) AS row (batch_id, user_key, organization_id, provider, kind, sha256, size, items, body)
        CROSS JOIN (
            SELECT '' AS object_key, NULL::bigint AS run_key, %(received_at)s::timestamptz AS received_at
        ) AS same
    )""",
    Payload.State.RECEIVED,
)
# One round trip before a new body: is it known, and how much of this user is waiting?
# Written out: `make bench`, POST of 500 records, two clients at once: p50.
_LOOK_UP: Final = f"""
    SELECT EXISTS (
               SELECT FROM {_PAYLOAD}
               WHERE user_key = %(user_key)s AND provider = %(provider)s AND sha256 = %(digest)s
           ),
           number, bytes
    FROM {_WAITING}
"""  # noqa: S608 - the names are our own
_REQUEUE: Final = f"""
    UPDATE {_PAYLOAD}
    SET id = nextval(pg_get_serial_sequence('{_PAYLOAD}', 'id')), state = 'received', attempts = 0,
        lease = NULL, locked_until = NULL, due_at = now(), received_at = %s, done_at = NULL, error = '', run_key = %s
    WHERE batch_id = %s
"""  # noqa: S608 - the names are our own

# A notification's documents must be fetched first; everything else is read as it is.
_QUEUED: Final = Case(
    When(kind__startswith=NOTIFICATION_KIND, then=Value(Payload.State.ANNOUNCED)), default=Value(Payload.State.RECEIVED)
)


@dataclass(frozen=True, slots=True)
class IncomingPayload:
    """A checked body: whose it is, where it came from, and how many items it claims to hold; run_key of a page that a
    run pulled.
    """

    user_key: int
    organization_id: uuid.UUID
    provider: str
    body: bytes
    items: int
    kind: str = SYNC_KIND
    run_key: int | None = None

    @property
    def whose(self) -> tuple[uuid.UUID, int]:
        return self.organization_id, self.user_key

    @property
    def digest(self) -> bytes:
        """The digest of the body and the kind of document: two empty pages of different kinds are not the same."""
        named = b"" if self.kind == SYNC_KIND else self.kind.encode() + b"\0"
        return hashlib.sha256(named + self.body).digest()


def receive(incoming: IncomingPayload) -> uuid.UUID:
    """Keep a body and have it processed; returns the id of its batch.

    A repeat gets the first batch's id. It is processed again only if that batch failed, or if anything newer came
    since, for then the repeat is the newer word. Raises TooManyRequests when too much of this user or of the
    organization waits, Unavailable when the body cannot be stored (nothing of it is kept then), NotFound when the user
    was erased.
    """
    digest = incoming.digest
    packed = _pack_inline(incoming.body)
    room = backlog.has_room(incoming.organization_id, len(incoming.body))
    if packed is not None and room:
        batch_id = _store(incoming, digest, packed)
        if batch_id is not None:
            return batch_id
    known, number, waiting_bytes = _look_up(incoming, digest)
    batch_id = _handle_repeat(incoming, digest) if known else None
    if batch_id is None:
        backlog.check_user(number, waiting_bytes, len(incoming.body))
        backlog.check_organization(room=room)
        batch_id = _store(incoming, digest, packed) or _handle_repeat(incoming, digest)
    if batch_id is None:
        raise NotFound("User not found")
    return batch_id


def receive_many(incoming: Sequence[IncomingPayload]) -> None:
    """Keep the bodies of one call and have them processed; small new ones in one statement.

    A body that cannot be taken keeps no other back: the first TooManyRequests or NotFound comes after all others are
    stored. Raises Unavailable like `receive`.
    """
    rest = _store_small(incoming) if len(incoming) > 1 else list(incoming)
    refused: list[TooManyRequests | NotFound] = []
    for one in rest:
        try:
            receive(one)
        except (TooManyRequests, NotFound) as error:
            refused.append(error)
    full = [error for error in refused if isinstance(error, TooManyRequests)]
    if full:
        raise full[0]


def _store_small(incoming: Sequence[IncomingPayload]) -> list[IncomingPayload]:
    """Store those that fit into rows, as far as backlogs have room; returns what must be looked at one by one."""
    waiting = Payload.objects.waiting().filter(user_key__in={one.user_key for one in incoming})
    counts, sizes = Counter[int](), Counter[int]()
    for key, number, total in waiting.values_list("user_key").annotate(Count("pk"), Sum("size")):
        counts[key], sizes[key] = number, total
    rows: dict[uuid.UUID, tuple[IncomingPayload, bytes]] = {}
    rest: list[IncomingPayload] = []
    for one in incoming:
        packed, size = _pack_inline(one.body), len(one.body)
        full = counts[one.user_key] >= _max_backlog() or sizes[one.user_key] + size > settings.PAYLOAD_BACKLOG_BYTES
        if packed is None or full or not backlog.has_room(one.organization_id, size):
            rest.append(one)
        else:
            counts[one.user_key] += 1
            sizes[one.user_key] += size
            rows[uuid.uuid4()] = one, packed
    stored = _insert_many(rows)
    for user_key, organization_id in {
        (rows[batch_id][0].user_key, rows[batch_id][0].organization_id) for batch_id in stored
    }:
        enqueue(organization_id, user_key)
    return rest + [one for batch_id, (one, _) in rows.items() if batch_id not in stored]


def _insert_many(rows: Mapping[uuid.UUID, tuple[IncomingPayload, bytes]]) -> set[uuid.UUID]:
    """Insert the rows that are new; returns their batches."""
    bodies_in = [one for one, _ in rows.values()]
    values: dict[str, Any] = {
        "batch_ids": list(rows),
        "user_keys": [one.user_key for one in bodies_in],
        "organization_ids": [one.organization_id for one in bodies_in],
        "providers": [one.provider for one in bodies_in],
        "kinds": [one.kind for one in bodies_in],
        "digests": [one.digest for one in bodies_in],
        "sizes": [len(one.body) for one in bodies_in],
        "items": [one.items for one in bodies_in],
        "bodies": [packed for _, packed in rows.values()],
        "received_at": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_MANY, values)
        return {batch_id for (batch_id,) in cursor.fetchall()}


def _look_up(incoming: IncomingPayload, digest: bytes) -> tuple[bool, int, int]:
    """Return whether the body is known, how many of the user's payloads wait (counted up to one beyond the bound), and
    how many bytes those have.
    """
    values: dict[str, Any] = {
        "user_key": incoming.user_key,
        "provider": incoming.provider,
        "digest": digest,
        "bound": _max_backlog() + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, values)
        known, number, waiting_bytes = cursor.fetchone()
    return known, number, waiting_bytes


def _handle_repeat(incoming: IncomingPayload, digest: bytes) -> uuid.UUID | None:
    """Return the batch of the same body, put where it belongs; None if the body is new."""
    same = Payload.objects.filter(user_key=incoming.user_key, provider=incoming.provider, sha256=digest)
    known = same.only("batch_id", "state", "user_key", "object_key").first()
    if known is None:
        return None
    _restore_body(known, incoming.body)
    newer = Payload.objects.for_user(incoming.user_key).filter(id__gt=known.id)
    if known.state == Payload.State.DEAD or newer.exists():
        _requeue(known, incoming.run_key)
    elif known.state == Payload.State.DONE:
        return known.batch_id
    enqueue(incoming.organization_id, incoming.user_key)
    return known.batch_id


def _restore_body(payload: Payload, body: bytes) -> None:
    """Put the body of a dead payload back, which may have died of a damage to it; and an object that is gone: where the
    database went down between our insert and its answer, the row may be there and its object was taken away again.
    """
    dead = payload.state == Payload.State.DEAD
    if payload.object_key:
        if dead or (payload.state != Payload.State.DONE and not storage.exists(payload.object_key)):
            storage.put(payload.object_key, body)
    elif dead:
        Payload.objects.filter(batch_id=payload.batch_id).update(body=_pack_inline(body))


def _requeue(payload: Payload, run_key: int | None) -> None:
    """Put the payload at the end of the queue. A worker that holds it loses its lease, and so rolls back."""
    with connection.cursor() as cursor:
        cursor.execute(_REQUEUE, [clock.now(), run_key, payload.batch_id])


def _store(incoming: IncomingPayload, digest: bytes, packed: bytes | None) -> uuid.UUID | None:
    """Store a new body, packed in its row or as an object; None if it could not be inserted: an equal one is there, the
    backlog is full, or the user is gone.
    """
    batch_id = uuid.uuid4()
    key = "" if packed else f"payloads/{incoming.user_key}/{batch_id}"
    if key:
        storage.put(key, incoming.body)
    stored = False
    try:
        stored = _insert(incoming, digest, batch_id, packed, key)
        if key and stored:
            usage.add(incoming.organization_id, {usage.OBJECT_BYTES: len(incoming.body)})
    finally:
        if key and not stored:
            storage.delete(key)
    if stored:
        enqueue(incoming.organization_id, incoming.user_key)
    return batch_id if stored else None


def _pack_inline(body: bytes) -> bytes | None:
    """Return the body as it fits into a row, None if it does not."""
    packed = bodies.pack(body) if len(body) <= PACKED_UP_TO else None
    return packed if packed and len(packed) <= INLINE_BYTES else None


def _insert(incoming: IncomingPayload, digest: bytes, batch_id: uuid.UUID, packed: bytes | None, key: str) -> bool:
    values: dict[str, Any] = {
        "batch_id": batch_id,
        "user_key": incoming.user_key,
        "organization_id": incoming.organization_id,
        "provider": incoming.provider,
        "kind": incoming.kind,
        "sha256": digest,
        "size": len(incoming.body),
        "items": incoming.items,
        "body": packed,
        "object_key": key,
        "run_key": incoming.run_key,
        "received_at": clock.now(),
        "bound": _max_backlog() + 1,
        "most": settings.PAYLOAD_BACKLOG_BYTES,
    }
    with prepared() as cursor:
        cursor.execute(_INSERT, values)
        inserted: int = cursor.rowcount
    return inserted == 1


def _max_backlog() -> int:
    bound: int = settings.PAYLOAD_BACKLOG
    return bound


def retry(payloads: PayloadQuerySet) -> int:
    """Give dead payloads five new attempts; returns how many."""
    dead = list(payloads.dead().values_list("id", "organization_id", "user_key"))
    revived = Payload.objects.filter(pk__in=[pk for pk, _, _ in dead]).dead().update(
        state=_QUEUED, attempts=0, due_at=Now(), done_at=None, error=""
    )  # fmt: skip
    for organization_id, user_key in {(owner, user_key) for _, owner, user_key in dead if user_key is not None}:
        enqueue(organization_id, user_key)
    return revived
