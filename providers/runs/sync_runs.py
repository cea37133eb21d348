"""Runs: opened by a call, by the clock or by a new connection; ended when the last of their payloads is stored.

A run and its connection's cursor move in the transaction that stores the payloads (`stored`, called by the drain), so
that a crash at any point leaves them saying what is true.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.end_users import zones
from healthdata.days import ZoneHistory
from providers.models import WAITING_STATES, Connection, Payload, SyncRun
from providers.runs import wakeups
from providers.runs.emission import emit_sync
from wearlink.lib import clock

MAX_PROBLEMS: Final = 50
FAILING: Final = 5  # failed runs in a row that make a connection's status "error"
SYNC_FAILING: Final = "sync_failing"
RETRIED_CODES: Final = frozenset({"unreadable", "bad_answer", "not_ready", "refused"})
MAX_REPEATED: Final = timedelta(days=30)
DEFAULT_HISTORY_DAYS: Final = 15 * 365  # days of history that are asked of vendors that name no bound
State, Trigger = SyncRun.State, SyncRun.Trigger


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """The result of one payload of a run. code, detail: what of it is missing; dead: why it cannot be read."""

    run_key: int
    kind: str
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    code: str = ""
    detail: str = ""
    dead: str = ""


def local_today(user_key: int) -> date:
    """Return the end user's local day now."""
    return ZoneHistory(zones.history(user_key)).day_of(clock.now_ms(), None)


def open_first(connection: Connection, days: int) -> SyncRun:
    """Return the first run of a new connection."""
    end = local_today(connection.user_key)
    return open_run(connection, Trigger.FIRST, end - timedelta(days=days), end)


def open_latest(connection: Connection, trigger: str, look_back_days: int) -> SyncRun:
    """Return a run from the connection's cursor on, and some days before it."""
    end = local_today(connection.user_key)
    reached = min(connection.synced_to or end, end)
    return open_run(connection, trigger, reached - timedelta(days=look_back_days), end)


def open_historical(connection: Connection, history_days: int | None) -> SyncRun:
    """Return a run as far back as the vendor goes."""
    end = local_today(connection.user_key)
    return open_run(connection, Trigger.HISTORICAL, end - timedelta(days=history_days or DEFAULT_HISTORY_DAYS), end)


@transaction.atomic
def open_run(connection: Connection, trigger: str, start: date, end: date) -> SyncRun:
    """Return a run of these days; the one that is under way if there is one of this trigger."""
    fresh = SyncRun(
        connection_key=connection.pk, user_key=connection.user_key, organization_id=connection.organization_id,
        provider=connection.provider, trigger=trigger, start=start, end=end, due_at=Now(),
    )  # fmt: skip
    SyncRun.objects.bulk_create([fresh], ignore_conflicts=True)
    row = SyncRun.objects.open().get(connection_key=connection.pk, trigger=trigger)
    if row.id == fresh.id:
        _emit(row, "sync.started", {})
    wakeups.request_work(connection.pk, connection.organization_id)
    return row


def mark_fetched(run: SyncRun, problems: list[dict[str, Any]]) -> None:
    """Mark the run as fetched: everything is stored, and the run ends with the last of its payloads."""
    with transaction.atomic():
        row = _lock(run.pk)
        if row is not None and row.state in ("queued", "fetching"):
            row.state = State.STORING
            row.problems = [*row.problems, *problems][:MAX_PROBLEMS]
            row.save(update_fields=["state", "problems"])
            _finish_if_done(row)


def mark_failed(run: SyncRun, code: str, detail: str) -> None:
    """Mark a run that cannot go on. The next one begins where this one began."""
    with transaction.atomic():
        row = _lock(run.pk)
        if row is not None and row.is_open:
            row.error_code, row.error = code, detail[:500]
            _finish(row, State.FAILED)


def record_stored(results: Iterable[StoredPayload]) -> None:
    """Count stored payloads and end complete runs, in the transaction that stores them, after they are marked."""
    by_run: dict[int, list[StoredPayload]] = {}
    for result in results:
        by_run.setdefault(result.run_key, []).append(result)
    for run_key in sorted(by_run):
        row = _lock(run_key)
        if row is not None:
            _add_counts(row, by_run[run_key])
            if row.state == State.STORING:
                _finish_if_done(row)


def stuck() -> list[int]:
    """Return keys of runs that only wait for payloads none of which is left: settled by the sweeper."""
    pending = Payload.objects.filter(run_key__isnull=False, state__in=WAITING_STATES).values("run_key")
    rows = SyncRun.objects.filter(state=State.STORING).exclude(pk__in=pending)
    return list(rows.values_list("pk", flat=True)[:100])


@transaction.atomic
def finish_if_done(run_key: int) -> None:
    """End a run if nothing of it waits."""
    row = _lock(run_key)
    if row is not None and row.state == State.STORING:
        _finish_if_done(row)


def _lock(run_key: int) -> SyncRun | None:
    """Return the run, locked after its connection, which is the order everybody keeps."""
    found = SyncRun.objects.filter(pk=run_key).values_list("connection_key", flat=True).first()
    if found is None:
        return None
    list(Connection.objects.select_for_update().filter(pk=found).values_list("pk"))
    return SyncRun.objects.select_for_update().filter(pk=run_key).first()


def _add_counts(row: SyncRun, results: list[StoredPayload]) -> None:
    for result in results:
        row.inserted += result.inserted
        row.updated += result.updated
        row.unchanged += result.unchanged
        if result.rejected:
            row.rejected[result.kind] = row.rejected.get(result.kind, 0) + result.rejected
        if result.dead:
            _add_problem(row, result.kind, "unreadable", result.dead)
        elif result.code and not any((one["kind"], one["code"]) == (result.kind, result.code) for one in row.problems):
            _add_problem(row, result.kind, result.code, result.detail)
    row.save(update_fields=["inserted", "updated", "unchanged", "rejected", "problems"])


def _add_problem(row: SyncRun, kind: str, code: str, detail: str) -> None:
    if len(row.problems) < MAX_PROBLEMS:
        row.problems.append({"kind": kind, "code": code, "detail": detail[:300]})


def _finish_if_done(row: SyncRun) -> None:
    if not Payload.objects.filter(run_key=row.pk, state__in=WAITING_STATES).exists():
        _finish(row, State.COMPLETED_WITH_ERRORS if row.problems else State.SUCCESS)


def _finish(row: SyncRun, state: str) -> None:
    """End a run and move its connection."""
    now = clock.now()
    row.state, row.finished_at = state, now
    row.save(update_fields=["state", "finished_at", "error_code", "error", "problems"])
    connection = Connection.objects.filter(pk=row.connection_key)
    if state == State.FAILED:
        connection.update(failures=F("failures") + 1, last_error=row.error, last_error_at=now)
        connection.filter(status=Connection.Status.ACTIVE, failures__gte=FAILING).update(
            status=Connection.Status.ERROR, reason=SYNC_FAILING
        )
        _emit(row, "sync.failed", {"error": row.error})
        return
    moved: dict[str, Any] = {} if row.trigger == Trigger.HISTORICAL else {"synced_to": _synced_to(row)}
    if row.problems:
        moved |= {"last_error": row.problems[-1]["detail"] or row.problems[-1]["code"], "last_error_at": now}
    connection.update(last_sync_at=now, failures=0, **moved)
    connection.filter(status=Connection.Status.ERROR, reason=SYNC_FAILING).update(
        status=Connection.Status.ACTIVE, reason=""
    )  # fmt: skip
    data = {"status": row.status, "items_processed": row.inserted + row.updated + row.unchanged}
    _emit(row, "sync.completed", data)


def _synced_to(row: SyncRun) -> date:
    """Up to where all is stored. A page that could not be read keeps the next run asking for it, for a month."""
    if any(problem["code"] in RETRIED_CODES for problem in row.problems):
        return max(row.start, row.end - MAX_REPEATED)
    return row.end


def _emit(row: SyncRun, event: str, more: dict[str, Any]) -> None:
    emit_sync(row, event, more, source=row.source, message=row.error, trigger=row.trigger)
