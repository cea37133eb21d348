"""Backfills: opened by a call or by a new connection, asked for part by part, ended when nothing more is expected.

A vendor answers "it will come" and then pushes, mixed with whatever else it pushes; what it has nothing of, it does
not say. So a part is done when nothing came for a while, and has no data when nothing came for hours. What comes later
is stored all the same, and the part then says so.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now

from accounts.end_users import zones
from healthdata.days import ZoneHistory
from providers.contract import CloudProvider, HistoryKind, HistoryType
from providers.models import Backfill, BackfillPart, Connection
from providers.models.backfill import CANCELLED, IN_FLIGHT_STATES, OPEN_PART_STATES
from providers.runs import wakeups
from providers.runs.emission import emit_sync
from providers.vendor_api import credentials
from wearlink.lib import clock

WINDOW_DAYS: Final = 29  # whole days of one request; with the day that is not over they are a vendor's thirty
MAX_STRETCH: Final = timedelta(days=30)
QUIET: Final = timedelta(minutes=5)  # without anything new: what was asked for has come
UNANSWERED: Final = timedelta(minutes=10)  # a worker that asked and did not tell what was answered has died
LATE: Final = timedelta(days=14)  # after which nobody connects a push with a request
State = BackfillPart.State


def history_days(provider: CloudProvider) -> int:
    """Return how many days are asked for: the setting HISTORY_DAYS of the provider, else what the vendor is known to
    keep.
    """
    stated = credentials.vendor_setting(provider.slug, "HISTORY_DAYS")
    return int(stated) if stated.isdecimal() and int(stated) else provider.capabilities.history_days or 30


@transaction.atomic
def open_backfill(connection: Connection, provider: CloudProvider) -> Backfill:
    """Return a backfill of all types; the one that is under way if there is one."""
    now, history = clock.now(), ZoneHistory(zones.history(connection.user_key))
    today = history.day_of(clock.to_ms(now))
    first = today - timedelta(days=history_days(provider) - 1)
    fresh = Backfill(
        connection_key=connection.pk, user_key=connection.user_key, organization_id=connection.organization_id,
        provider=connection.provider, start=first, end=today, created_at=now,
    )  # fmt: skip
    Backfill.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Backfill.objects.get(connection_key=connection.pk, finished_at=None)
    if row.id == fresh.id:
        BackfillPart.objects.bulk_create(_parts(row, connection, provider, history, now))
        _emit(row, "sync.started", {})
        _finish_if_done(row)
    wakeups.request_work(connection.pk, connection.organization_id)
    return row


def latest(connection: Connection) -> Backfill | None:
    """Return the newest backfill of a connection."""
    return Backfill.objects.filter(connection_key=connection.pk).order_by("-key").first()


@transaction.atomic
def cancel(connection_key: int, *, reason: str = CANCELLED) -> None:
    """End what is not done. What was asked for already may still come, and is stored."""
    row = Backfill.objects.select_for_update().filter(connection_key=connection_key, finished_at=None).first()
    if row is not None:
        open_parts = row.parts.filter(state__in=OPEN_PART_STATES)
        open_parts.update(state=State.CANCELLED, finished_at=clock.now(), reason=reason)
        row.error_code = reason
        _finish(row)


@transaction.atomic
def retry(connection: Connection, provider: CloudProvider, type_name: str) -> Backfill:
    """Ask again for what of a type did not come whole. Where nothing was ever asked, all types are."""
    row = Backfill.objects.select_for_update().filter(connection_key=connection.pk).order_by("-key").first()
    if row is None:
        return open_backfill(connection, provider)
    again = [part for part in row.parts.filter(type=type_name) if _may_come(part)]
    for part in again:
        part.state, part.due_at, part.attempts, part.is_answered = State.PENDING, clock.now(), 0, False
        part.requested_at = part.finished_at = None
        part.reason = part.error = ""
        part.save()
    if again and row.finished_at is not None:
        row.finished_at, row.error_code = None, ""
        row.save(update_fields=["finished_at", "error_code"])
    wakeups.request_work(connection.pk, connection.organization_id)
    return row


def next_part(connection_key: int) -> BackfillPart | None:
    """Return the part to be asked for now; None while another is in flight, or none is due."""
    parts = BackfillPart.objects.filter(backfill__connection_key=connection_key, backfill__finished_at=None)
    if parts.filter(state__in=IN_FLIGHT_STATES).exists():
        return None
    return parts.filter(state=State.PENDING, due_at__lte=Now()).order_by("position").select_related("backfill").first()


def connections_due(limit: int) -> list[int]:
    """Return connections whose next part waits to be asked for."""
    due = BackfillPart.objects.filter(state=State.PENDING, due_at__lte=Now(), backfill__finished_at=None)
    free = due.exclude(backfill__parts__state__in=IN_FLIGHT_STATES)
    return list(free.values_list("backfill__connection_key", flat=True).distinct()[:limit])


def mark_requested(part: BackfillPart) -> bool:
    """Before the vendor is asked, since its push may be faster than its answer; False if somebody cancelled."""
    now = clock.now()
    changes = {"requested_at": now, "attempts": part.attempts + 1, "is_answered": False}
    taken = BackfillPart.objects.filter(pk=part.pk, state=State.PENDING).update(state=State.REQUESTED, **changes)
    Backfill.objects.filter(pk=part.backfill_id, started_at=None).update(started_at=now)
    part.attempts += 1
    return taken == 1


def mark_answered(part: BackfillPart) -> None:
    """Mark a part whose history the vendor has promised."""
    BackfillPart.objects.filter(pk=part.pk).update(is_answered=True)


def postpone(part: BackfillPart, wait: timedelta, error: str = "") -> None:
    requested = BackfillPart.objects.filter(pk=part.pk, state=State.REQUESTED)
    requested.update(state=State.PENDING, due_at=Now() + wait, requested_at=None, error=error[:500])


@transaction.atomic
def end_part(part: BackfillPart, state: str, *, reason: str = "", error: str = "") -> None:
    """Mark a part as ended, unless somebody cancelled it, or something came meanwhile."""
    row = Backfill.objects.select_for_update().get(pk=part.backfill_id)
    ended = {"state": state, "finished_at": clock.now(), "reason": reason, "error": error[:500]}
    BackfillPart.objects.filter(pk=part.pk, state=State.REQUESTED).update(**ended)
    _finish_if_done(row)


@transaction.atomic
def note_received(connection_key: int, kind: str, days: Collection[date], documents: int = 1) -> None:
    """Count documents of a kind and some days for the parts that asked for these."""
    if not days:
        return
    asked = BackfillPart.objects.filter(
        backfill__connection_key=connection_key, backfill__created_at__gt=clock.now() - LATE, kind=kind,
        requested_at__isnull=False, start__lte=max(days), end__gte=min(days),
    )  # fmt: skip
    for part in asked.select_for_update(of=("self",)).order_by("pk"):
        within = {day.isoformat() for day in days if part.start <= day <= part.end}
        if not within or part.state == State.PENDING:
            continue
        part.days = sorted({*part.days, *within})
        part.documents += documents
        part.received_at = clock.now()
        if part.state == State.REQUESTED:
            part.state = State.RECEIVING
        elif part.state == State.NO_DATA:
            part.state, part.reason = State.DONE, "late"
        part.save(update_fields=["days", "documents", "received_at", "state", "reason"])


def settle_overdue() -> int:
    """End parts of which nothing more is expected; returns how many. Called every few seconds."""
    now, count = clock.now(), 0
    in_flight = BackfillPart.objects.filter(state__in=IN_FLIGHT_STATES).select_related("backfill")
    for part in in_flight.order_by("requested_at")[:1000]:
        if _settled(part, now) is not None:
            count += _settle(part.backfill_id, part.pk, now)
    return count


@transaction.atomic
def _settle(backfill_key: int, part_key: int, now: datetime) -> bool:
    row = Backfill.objects.select_for_update().get(pk=backfill_key)
    part = BackfillPart.objects.select_for_update(of=("self",)).select_related("backfill").get(pk=part_key)
    state = _settled(part, now)
    if state is None:
        return False
    part.state = state
    if state == State.PENDING:
        part.due_at, part.requested_at = now, None
    else:
        part.finished_at = now
        part.reason = "nothing_came" if state == State.NO_DATA else ""
    part.save(update_fields=["state", "due_at", "requested_at", "finished_at", "reason"])
    _finish_if_done(row)
    wakeups.request_work(row.connection_key, row.organization_id)
    return True


def _settled(part: BackfillPart, now: datetime) -> str | None:
    """Return the state in which a part in flight ends by now; None while it goes on."""
    if part.state == State.RECEIVING:
        return State.DONE if part.received_at is None or now - part.received_at >= QUIET else None
    if part.state != State.REQUESTED or part.requested_at is None:
        return None
    waited = now - part.requested_at
    if not part.is_answered:
        return State.PENDING if waited >= UNANSWERED else None
    return State.NO_DATA if waited >= _longest_wait(part.backfill.provider) else None


def _longest_wait(slug: str) -> timedelta:
    stated = credentials.vendor_setting(slug, "HISTORY_WAIT_HOURS")
    try:
        hours = float(stated) if stated else credentials.get_cloud(slug).history_wait_hours
    except ValueError:
        hours = credentials.get_cloud(slug).history_wait_hours
    return timedelta(hours=hours)


def _may_come(part: BackfillPart) -> bool:
    """Return whether asking again may bring more."""
    if part.state == State.DONE:
        return bool(part.missing_days)
    return part.state in (State.NO_DATA, State.FAILED, State.CANCELLED)


def _parts(
    row: Backfill, connection: Connection, provider: CloudProvider, history: ZoneHistory, now: datetime
) -> Iterator[BackfillPart]:
    """Yield the newest stretch of all kinds first, and in it what many people have."""
    forbidden = bool(provider.history_scope) and provider.history_scope not in connection.scopes
    state = {"state": State.FAILED, "reason": "not_granted", "finished_at": now} if forbidden else {}
    for number, (first, last, start, end) in enumerate(_windows(row.start, row.end, history, now)):
        for place, (type_name, kind) in enumerate(_kinds(provider.history, connection.scopes)):
            yield BackfillPart(
                backfill=row, position=100 * number + place, type=type_name, kind=kind.kind, is_daily=kind.is_daily,
                start=first, end=last, start_at=start, end_at=end, **state,
            )  # fmt: skip


def _kinds(types: Sequence[HistoryType], scopes: Collection[str]) -> list[tuple[str, HistoryKind]]:
    found = [(one.name, kind) for one in types for kind in one.kinds if not kind.scope or kind.scope in scopes]
    return sorted(found, key=lambda pair: pair[1].is_rare)


def _windows(
    first: date, last: date, history: ZoneHistory, now: datetime
) -> Iterator[tuple[date, date, datetime, datetime]]:
    """Yield stretches of whole local days, the newest first: its days and its instants. None is longer than thirty
    times 24 hours, also where the clocks change.
    """
    end, until = last, now
    while end >= first:
        start = max(first, end - timedelta(days=WINDOW_DAYS if end == last else WINDOW_DAYS - 1))
        begins = clock.from_ms(history.bounds(start)[0])
        yield start, end, begins, min(until, begins + MAX_STRETCH)
        end, until = start - timedelta(days=1), begins


def _finish_if_done(row: Backfill) -> None:
    if row.finished_at is None and not row.parts.filter(state__in=OPEN_PART_STATES).exists():
        _finish(row)


def _finish(row: Backfill) -> None:
    row.finished_at = clock.now()
    row.save(update_fields=["finished_at", "error_code"])
    if row.error_code:
        return  # somebody ended it, and knows
    came = sum(row.parts.values_list("documents", flat=True))
    _emit(row, "sync.completed", {"status": row.status, "items_processed": came})


def _emit(row: Backfill, event: str, more: dict[str, Any]) -> None:
    moment = clock.to_ms(row.finished_at or row.created_at)
    emit_sync(row, event, more, source="backfill", moment=str(moment))
