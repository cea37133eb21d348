"""Vendors that call us: proven, stored, then answered. Nothing else happens before the answer.

    unknown provider, or one without an app here   404
    a handshake                                    what the adapter says
    no valid signature                             the adapter's refused_status (401)
    no signature, at another address than the one
    that such a vendor was given                   the same
    a body the vendor would not send               400
    an event we make nothing of                    accepted_status, and counted
    an account nobody connected                    accepted_status, and counted: vendors punish errors here

One vendor account may belong to several end users: each of them receives. An organization's app reaches only the
connections that were made through it.
"""

import hashlib
import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec
from django.db import connection as database
from django.db.models import F

from providers.connections import lifecycle
from providers.contract import (
    AnomalousPayload,
    BadWebhookSignature,
    CloudProvider,
    InboundRequest,
    Notification,
    UnknownSigningKey,
    UnsupportedEvent,
    WebhookReply,
)
from providers.models import LIVE_STATUSES, NOTIFICATION_KIND, Connection, IgnoredEvent, Payload
from providers.payloads import bodies
from providers.payloads.insert import insert_payloads
from providers.payloads.receive import IncomingPayload, receive_many
from providers.runs import backfills, wakeups
from providers.vendor_api import credentials
from providers.vendor_api.credentials import UnknownProvider, VendorApp
from providers.webhooks import unproven
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput, TooManyRequests

logger = logging.getLogger(__name__)
MAX_KINDS: Final = 200  # different ones that are counted apart, a provider
LARGE_BODY: Final = 64 * 1024
BATCH_SIZE: Final = 10_000  # notifications, and bytes of the data they carry, that are stored at a time
BATCH_BYTES: Final = 4 * 1024 * 1024
UNPROVEN_DATA: Final = "Data are taken at the address that ends with a secret; this one takes announcements."
# Written out: `make bench`, vendor event stored and answered: p50.
_LIVE: Final = f"""
    SELECT key, user_key, organization_id, account FROM {Connection._meta.db_table}
    WHERE provider = %s AND account = ANY(%s) AND status = ANY(%s)
      AND (app_id = ANY(%s) OR (%s AND app_id IS NULL))
"""  # noqa: S608 - the names are our own


def _note_events(keys: str) -> str:
    """Return SQL that notes on connections that their vendor sent something, except on locked ones."""
    return f"""
        UPDATE {Connection._meta.db_table} SET last_event_at = %(now)s
        WHERE key IN (
            SELECT key FROM {Connection._meta.db_table} WHERE key IN ({keys})
              AND (last_event_at IS NULL OR last_event_at < %(now)s - interval '1 minute')
            FOR NO KEY UPDATE SKIP LOCKED
        )
    """  # noqa: S608 - the names are our own


_NOTE_EVENTS: Final = _note_events("SELECT unnest(%(keys)s::bigint[])")
# One statement, so one round trip and one commit: who it is about, the notifications, and last_event_at. The latter is
# no reason to wait for a worker that stores data of the connection just now and so holds its row.
_INSERT_UNRESOLVED: Final = f"""
    WITH addressed AS (
        SELECT c.key, c.account, c.user_key, c.organization_id, gen_random_uuid() AS batch_id,
               %(provider)s::text AS provider, n.kind, n.sha256, n.body, n.size, 1 AS items, '' AS object_key,
               NULL::bigint AS run_key, %(now)s::timestamptz AS received_at
        FROM unnest(%(accounts)s::text[], %(kinds)s::text[], %(digests)s::bytea[], %(bodies)s::bytea[],
                    %(sizes)s::int[]) AS n(account, kind, sha256, body, size)
        JOIN {Connection._meta.db_table} c ON c.account = n.account AND c.provider = %(provider)s
        WHERE c.status = ANY(%(live)s) AND (c.app_id = ANY(%(apps)s::uuid[]) OR (%(platform)s AND c.app_id IS NULL))
    ),
    last_events AS ({_note_events("SELECT key FROM addressed")}),
    inserted AS ({insert_payloads("addressed", Payload.State.ANNOUNCED)})
    SELECT DISTINCT key, account FROM addressed
"""  # noqa: S608 - the names are our own


@dataclass(frozen=True, slots=True)
class Recipient:
    """A live connection, as far as a notification needs it."""

    key: int
    user_key: int
    organization_id: uuid.UUID
    account: str


@dataclass(frozen=True, slots=True)
class AddressedNotification:
    """A notification and the connection it is about."""

    notification: Notification
    connection: Recipient


def receive(slug: str, app_id: uuid.UUID | None, inbound: InboundRequest) -> WebhookReply:
    """Take a call in. When this returns, everything is stored.

    Raises UnknownProvider, InvalidInput, and TooManyRequests where an inbox is full.
    """
    provider = credentials.get_cloud(slug)
    apps = credentials.apps_at(provider, app_id)
    if len(inbound.body) > LARGE_BODY and app_id is None:
        apps = [app for app in apps if app.id is None]  # not one sum over it per app: those have addresses of their own
    if not apps:
        raise UnknownProvider(f"{provider.name} is not configured here.")
    reply = _handshake(provider, apps, inbound)
    if reply is not None:
        return reply
    if inbound.method != "POST":
        raise InvalidInput("This is no handshake of the provider's.", code="bad_handshake")
    proven, senders = _senders(provider, apps, inbound)
    if not proven:
        senders = unproven.believable(provider, senders, inbound.path_secret)
    try:
        if not senders:
            raise BadWebhookSignature("The signature is not valid.")
        _take_in(provider, senders, inbound, proven=proven)
    except BadWebhookSignature as error:
        count_ignored(slug, IgnoredEvent.Reason.BAD_SIGNATURE, str(app_id or ""))
        return WebhookReply.json(provider.refused_status, detail=str(error), code="bad_signature")
    except AnomalousPayload as error:
        logger.warning("A webhook of %s could not be read: %s", slug, error)
        raise InvalidInput("The body is not what this provider sends.", code="malformed_event") from error
    return WebhookReply(provider.accepted_status)


def _take_in(provider: CloudProvider, senders: Sequence[VendorApp], inbound: InboundRequest, *, proven: bool) -> None:
    """Read and store a body piece by piece, so that only a piece of a large one lies in memory.

    What comes before something unreadable is stored; when the vendor sends the whole again, it is recognised. Raises
    AnomalousPayload, BadWebhookSignature; TooManyRequests after all else is stored.
    """
    full: TooManyRequests | None = None
    for notifications in _in_batches(_read_notifications(provider, inbound, trusted=proven)):
        believed = notifications if proven else unproven.worth_a_look(provider, senders, notifications)
        if len(believed) < len(notifications):
            count_ignored(
                provider.slug, IgnoredEvent.Reason.UNPROVEN, "", len(notifications) - len(believed)
            )  # fmt: skip
        try:
            store_notifications(provider, senders, believed)
        except TooManyRequests as error:
            full = error
    if full is not None:
        raise full


def _in_batches(notifications: Iterable[Notification]) -> Iterator[list[Notification]]:
    batch: list[Notification] = []
    size = 0
    for notification in notifications:
        batch.append(notification)
        size += len(notification.body or b"")
        if size > BATCH_BYTES or len(batch) >= BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def store_notifications(
    provider: CloudProvider, senders: Sequence[VendorApp], notifications: Sequence[Notification]
) -> int:
    """Store what was announced for everybody it is about; returns for how many connections."""
    unresolved = [one for one in notifications if one.body is None and not _ends(one)]
    addressed = _address(provider, senders, [one for one in notifications if one.body is not None or _ends(one)])
    found = {
        **_store_unresolved(provider, senders, unresolved),
        **{one.connection.key: one.connection.account for one in addressed},
    }
    known = set(found.values())
    unknown = sum(notification.account not in known for notification in notifications)
    if unknown:
        count_ignored(provider.slug, IgnoredEvent.Reason.UNKNOWN_ACCOUNT, "", unknown)
    for one in addressed:
        if _ends(one.notification):
            lifecycle.revoke(one.connection.key, reason="deregistration")
    _store_bodies(provider, addressed)
    _note_received(provider, addressed)
    return len(found)


def count_ignored(slug: str, reason: str, kind: str, n: int = 1) -> None:
    """Count what we made nothing of, by kind; when there are too many kinds, under "other"."""
    name = kind[:64].replace("\0", "?")
    rows = IgnoredEvent.objects.filter(provider=slug, reason=reason)
    if rows.filter(kind=name).update(count=F("count") + n, last_at=clock.now()):
        return
    if rows.count() >= MAX_KINDS:
        name = "other"
    IgnoredEvent.objects.bulk_create([IgnoredEvent(provider=slug, reason=reason, kind=name)], ignore_conflicts=True)
    rows.filter(kind=name).update(count=F("count") + n, last_at=clock.now())


def _handshake(provider: CloudProvider, apps: Sequence[VendorApp], inbound: InboundRequest) -> WebhookReply | None:
    """Return the answer if it is one. With several apps behind one address, one of them must know the token."""
    refused = False
    for app in apps:
        try:
            reply = provider.handshake(inbound, app.credentials)
        except BadWebhookSignature:
            refused = True
            continue
        if reply is not None:
            return reply
    if refused:
        return WebhookReply.json(
            provider.refused_status, detail="The verification token is not ours.", code="bad_token"
        )
    return None


def _senders(
    provider: CloudProvider, apps: Sequence[VendorApp], inbound: InboundRequest
) -> tuple[bool, list[VendorApp]]:
    """Return whether a signature proves the sender, and the apps that it may speak for."""
    silent = []
    for app in apps:
        try:
            if _check(provider, app, inbound):
                return True, [app]
            silent.append(app)
        except BadWebhookSignature:
            continue
    return False, silent


def _check(provider: CloudProvider, app: VendorApp, inbound: InboundRequest) -> bool:
    """Check the signature; once more with the vendor's keys of now where it names one that we do not know."""
    try:
        return provider.signature.check(inbound, app.credentials)
    except UnknownSigningKey:
        return provider.signature.check(inbound, credentials.with_proofs(app, fresh=True).credentials)


def _read_notifications(provider: CloudProvider, inbound: InboundRequest, *, trusted: bool) -> Iterator[Notification]:
    """Yield what the body announces; kinds we do not know are counted. Raises AnomalousPayload, and BadWebhookSignature
    for data that nothing proves and that its vendor cannot be asked for.
    """
    count = 0
    try:
        for notification in provider.notifications(inbound):
            if "\0" in notification.account + notification.kind + notification.event_id:
                raise AnomalousPayload("An account, kind or name of an event holds NUL.")
            count += 1
            if count > provider.max_notifications:
                raise AnomalousPayload(f"More than {provider.max_notifications} events in one body.")
            if not trusted and notification.body is not None and not provider.capabilities.pull:
                raise BadWebhookSignature(UNPROVEN_DATA)
            body = notification.body if trusted else None  # what anybody may have sent is a hint, never data
            yield msgspec.structs.replace(notification, trusted=trusted, body=body)
    except RecursionError as error:
        raise AnomalousPayload("The body is nested too deep.") from error
    except UnsupportedEvent as error:
        count_ignored(provider.slug, IgnoredEvent.Reason.UNSUPPORTED, error.kind)


def _ends(notification: Notification) -> bool:
    """Return whether a connection ends by it. What is not proven is looked into first."""
    return notification.deauthorised and notification.trusted


def _address(
    provider: CloudProvider, senders: Sequence[VendorApp], notifications: Sequence[Notification]
) -> list[AddressedNotification]:
    """Return notifications with the live connections they are about."""
    accounts = {notification.account for notification in notifications}
    if not accounts:
        return []
    apps, platform = _apps_of(senders)
    by_account: dict[str, list[Recipient]] = {}
    with database.cursor() as cursor:
        cursor.execute(_LIVE, [provider.slug, list(accounts), list(LIVE_STATUSES), apps, platform])
        for row in cursor.fetchall():
            by_account.setdefault(row[3], []).append(Recipient(*row))
    return [
        AddressedNotification(notification, row)
        for notification in notifications
        for row in by_account.get(notification.account, ())
    ]


def _apps_of(senders: Sequence[VendorApp]) -> tuple[list[uuid.UUID], bool]:
    """Ids of the organizations' apps, and whether the platform's is among the senders."""
    ids = {app.id for app in senders}
    return [one for one in ids if one is not None], None in ids


def _store_unresolved(
    provider: CloudProvider, senders: Sequence[VendorApp], notifications: Sequence[Notification]
) -> dict[int, str]:
    """Keep notifications and have them resolved; connection → account. A repeat changes nothing."""
    if not notifications:
        return {}
    now, (apps, platform) = clock.now(), _apps_of(senders)
    raw = [msgspec.json.encode(notification) for notification in notifications]
    values: dict[str, Any] = {
        "provider": provider.slug,
        "now": now,
        "live": list(LIVE_STATUSES),
        "apps": apps,
        "platform": platform,
        "accounts": [notification.account for notification in notifications],
        "kinds": [f"{NOTIFICATION_KIND}{notification.kind}"[:32] for notification in notifications],
        "digests": [_digest(one, body, now) for one, body in zip(notifications, raw, strict=True)],
        "sizes": [len(body) for body in raw],
        "bodies": [bodies.pack(body) for body in raw],
    }
    with database.cursor() as cursor:
        cursor.execute(_INSERT_UNRESOLVED, values)
        found: dict[int, str] = dict(cursor.fetchall())
    if found:
        wakeups.request_resolving()
    return found


def _store_bodies(provider: CloudProvider, addressed: Sequence[AddressedNotification]) -> None:
    """Put data that came with notifications into the inbox.

    Raises TooManyRequests, after everything else is stored, where the inbox of an end user is full: the vendor will
    call again, and what is stored is recognised then.
    """
    receive_many(
        [
            IncomingPayload(
                user_key=one.connection.user_key,
                organization_id=one.connection.organization_id,
                provider=provider.slug,
                body=one.notification.body,
                items=one.notification.items,
                kind=one.notification.kind[:32],
            )
            for one in addressed
            if one.notification.body is not None
        ]
    )


def _note_received(provider: CloudProvider, addressed: Sequence[AddressedNotification]) -> None:
    """Note on connections that data came, and on backfills which; nobody is waited for who stores data just now."""
    carrying = [one for one in addressed if one.notification.body is not None]
    if not carrying:
        return
    keys = sorted({one.connection.key for one in carrying})
    with database.cursor() as cursor:
        cursor.execute(_NOTE_EVENTS, {"keys": keys, "now": clock.now()})
    days: dict[tuple[int, str], tuple[set[date], int]] = {}
    for one in carrying if provider.history else ():
        known, count = days.get((one.connection.key, one.notification.kind), (set(), 0))
        days[one.connection.key, one.notification.kind] = known | one.notification.days, count + 1
    for (key, kind), (covered, count) in days.items():
        backfills.note_received(key, kind, covered, count)


def _digest(notification: Notification, body: bytes, now: datetime) -> bytes:
    """Return what a repeat is known by: the vendor's name of the event, else all it says, if that has a time."""
    if notification.event_id:
        named = f"{notification.account}\0{notification.kind}\0{notification.event_id}".encode()
        return hashlib.sha256(b"event\0" + named).digest()
    mark = b"" if notification.at else now.isoformat().encode()
    return hashlib.sha256(b"notification\0" + mark + body).digest()
