"""Connections: made, ended and listed. Every change of state emits its event in the same transaction."""

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from accounts import audit
from accounts.models import EndUser, Organization
from accounts.webhooks.events import emit
from providers.connections import revocations
from providers.contract import CloudProvider, FormerAccount
from providers.models import Connection, ConnectionToken, OAuthState, Payload, SyncRun
from providers.runs import backfills, sync_runs
from wearlink.lib import clock
from wearlink.lib.errors import NotFound

logger = logging.getLogger(__name__)
IDLE: Final = {"next_sync_at": None, "lease": None, "locked_until": None}
MISSING_SCOPES: Final = "scopes_missing"
NOT_RENEWABLE: Final = "not_renewable"
MOVED: Final = "moved"


class NotConnected(NotFound):
    """The user has no connection to this provider, or none that can be used."""

    default_code = "not_connected"


def list_connections(user: EndUser) -> list[Connection]:
    """Return a user's connections, by provider. One query."""
    return list(Connection.objects.for_user(user.key).order_by("provider"))


def find(user: EndUser, slug: str, *, live: bool = False) -> Connection:
    """Return one of them; `live`: only if it can bring data. Raises NotConnected."""
    rows = Connection.objects.for_user(user.key).filter(provider=slug).select_related("app")
    found = (rows.live() if live else rows).first()
    if found is None:
        raise NotConnected(f"This user has no {'live ' if live else ''}connection to {slug[:32]}.")
    return found


@transaction.atomic
def create(
    user: EndUser, *, provider: CloudProvider, app_id: uuid.UUID | None, account: str, columns: Mapping[str, Any],
    scopes: tuple[str, ...],
) -> Connection:  # fmt: skip
    """Keep a new grant, in place of an older one of this user at this vendor, and have its first data fetched.

    columns: the tokens (oauth.token_columns); scopes: those granted.
    """
    now, pulls = clock.now(), provider.capabilities.pull
    fault = _fault(provider, scopes, columns)
    values = {
        **IDLE,
        "organization_id": user.organization_id,
        "app_id": app_id,
        "account": account,
        "status": Connection.Status.ERROR if fault else Connection.Status.ACTIVE,
        "reason": fault,
        "scopes": list(scopes),
        "connected_at": now,
        "ended_at": None,
        "failures": 0,
        "last_error": "",
        "synced_to": sync_runs.local_today(user.key) - timedelta(days=provider.first_days),
        "next_sync_at": now + timedelta(hours=provider.sync_hours) if pulls else None,
    }
    row, _ = Connection.objects.update_or_create(user_key=user.key, provider=provider.slug, defaults=values)
    ConnectionToken.objects.filter(pk=row.pk).delete()
    ConnectionToken.objects.create(connection=row, **columns)
    if pulls:
        sync_runs.open_first(row, provider.first_days)
    elif provider.history:
        backfills.open_backfill(row, provider)
    data = {**_event_data(row, user.id), "connected_at": clock.rfc3339(clock.to_ms(now))}
    _emit(row, "connection.created", data, user.id)
    return row


def _fault(provider: CloudProvider, scopes: tuple[str, ...], columns: Mapping[str, Any]) -> str:
    """Return what is wrong with a new grant; empty if nothing is."""
    needed = provider.oauth.needs_any
    if needed and set(needed).isdisjoint(scopes):
        return MISSING_SCOPES
    return NOT_RENEWABLE if provider.oauth.needs_refresh_token and not columns.get("refresh") else ""


@transaction.atomic
def expire(connection_key: int, *, reason: str, token: str | None = None) -> bool:
    """Mark the grant as no longer honoured by the vendor; `token` is the access token that the vendor refused, so that
    a connection made again in the meantime is left alone. False if there was nothing to expire.
    """
    row = Connection.objects.select_for_update().filter(pk=connection_key).live().first()
    if row is None or (token is not None and _stored_token(row) != token):
        return False
    _end(row, Connection.Status.EXPIRED, reason)
    _emit_end(row, "connection.expired", "expired_at", reason)
    return True


@transaction.atomic
def revoke(connection_key: int, *, reason: str, actor: audit.Actor = audit.SYSTEM, at_vendor: bool = False) -> bool:
    """End a connection for good, whoever asked for it; False if it had ended that way already.

    at_vendor: give the grant back too, after the commit, unless another end user's connection lives on it.
    """
    rows = Connection.objects.select_for_update().exclude(status=Connection.Status.REVOKED)
    row = rows.filter(pk=connection_key).first()
    if row is None:
        return False
    if at_vendor:
        revocations.plan(row)
    _end(row, Connection.Status.REVOKED, reason)
    _emit_end(row, "connection.revoked", "revoked_at", reason)
    audit.record(
        "connection.revoked",
        actor=actor,
        organization=Organization(pk=row.organization_id),
        target=row,
        data={"provider": row.provider, "reason": reason},
    )
    return True


def end_former(user: EndUser, former: FormerAccount) -> bool:
    """End the connection that this end user had under an account's former name; False where there is none."""
    rows = Connection.objects.for_user(user.key).filter(provider=former.provider, account=former.account)
    found = rows.exclude(status=Connection.Status.REVOKED).values_list("pk", flat=True).first()
    return found is not None and revoke(found, reason=MOVED, at_vendor=True)


def update_scopes(connection_key: int, provider: CloudProvider, scopes: tuple[str, ...]) -> None:
    """Keep what the end user allows now. Without anything that data come by, the connection has status error."""
    rows = Connection.objects.filter(pk=connection_key)
    rows.update(scopes=list(scopes))
    needed = provider.oauth.needs_any
    if needed and set(needed).isdisjoint(scopes):
        rows.filter(status=Connection.Status.ACTIVE).update(status=Connection.Status.ERROR, reason=MISSING_SCOPES)
    else:
        rows.filter(status=Connection.Status.ERROR, reason=MISSING_SCOPES).update(
            status=Connection.Status.ACTIVE, reason=""
        )


def record_error(connection_key: int, message: str) -> None:
    """Note what went wrong last."""
    Connection.objects.filter(pk=connection_key).update(last_error=message[:500], last_error_at=clock.now())


def _end(row: Connection, status: str, reason: str) -> None:
    """Tokens are destroyed, runs and notifications come to nothing, nothing is due any more."""
    ConnectionToken.objects.filter(pk=row.pk).delete()
    changes = {**IDLE, "status": status, "reason": reason, "ended_at": clock.now()}
    Connection.objects.filter(pk=row.pk).update(**changes)
    for name, value in changes.items():
        setattr(row, name, value)
    SyncRun.objects.open().filter(connection_key=row.pk).update(
        state=SyncRun.State.CANCELLED, finished_at=clock.now(), error_code=reason, error="The connection ended."
    )
    backfills.cancel(row.pk, reason=reason)
    Payload.objects.filter(user_key=row.user_key, provider=row.provider, state=Payload.State.ANNOUNCED).delete()
    OAuthState.objects.filter(user_key=row.user_key, provider=row.provider).delete()


def _stored_token(row: Connection) -> str:
    token = ConnectionToken.objects.filter(pk=row.pk).first()
    return token.access if token is not None else ""


def _emit_end(row: Connection, event: str, when: str, reason: str) -> None:
    user_id = EndUser.objects.filter(pk=row.user_key).values_list("id", flat=True).first()
    if user_id is not None:
        at = row.ended_at or clock.now()
        data = {**_event_data(row, user_id), "reason": reason, when: clock.rfc3339(clock.to_ms(at))}
        _emit(row, event, data, user_id)


def _event_data(row: Connection, user_id: uuid.UUID) -> dict[str, Any]:
    return {"user_id": str(user_id), "provider": row.provider, "connection_id": str(row.id)}


def _emit(row: Connection, event: str, data: dict[str, Any], user_id: uuid.UUID) -> None:
    emit(row.organization_id, event, data, event_id=f"{event}.{row.id}.{_moment_id(clock.now())}", user_id=user_id)


def _moment_id(moment: datetime) -> str:
    """Return a moment as part of an event's id."""
    return str(clock.to_ms(moment))


audit.register("connection.revoked", "A connection of an end user to a vendor was ended.")
