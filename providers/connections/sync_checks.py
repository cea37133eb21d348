"""Checks of a diagnosis that look at the last sync."""

from typing import Final

from providers.connections.check import OK, PROBLEM, WARNING, Check, span
from providers.contract import AppRefused, BadAnswer, CloudProvider
from providers.models import Connection, SyncRun
from providers.payloads.rejections import REFUSED
from wearlink.lib import clock

MAX_SHOWN: Final = 3
AGAIN: Final = "It is tried again at the next appointment, or now with POST …/sync."
WAITING: Final = "It goes on by itself; see calls, quota and last_error."
NEXT_STEPS: Final = {
    AppRefused.code: "Correct the client id and secret first (see credentials); then POST …/sync.",
    BadAnswer.code: "The provider answered with something else than data, as it does in an outage. " + AGAIN,
    REFUSED: (
        "The provider sent data in a form it does not document. They are kept as they came and asked for again; if it "
        "goes on, send support the run's id from GET /users/{user_id}/sync-runs, which shows where each was refused."
    ),
    "implausible": "The provider's values cannot be true and are left out; ask the user to look at them in its app.",
    "not_granted": "The user did not allow this; see scopes.",
}


def last_sync(row: Connection, provider: CloudProvider, run: SyncRun | None) -> Check:
    """Return how the last sync ended, or what it waits for."""
    if not provider.capabilities.pull:
        return Check("last_sync", OK, "push_only", f"{provider.name} sends everything by itself.")
    if run is not None and run.is_open:
        return _open(run)
    if run is not None and run.state == SyncRun.State.FAILED:
        step = NEXT_STEPS.get(run.error_code, AGAIN)
        return Check("last_sync", PROBLEM, run.error_code or "sync_failed", f"The last sync failed: {run.error}", step)
    if run is not None and run.state == SyncRun.State.COMPLETED_WITH_ERRORS:
        return _incomplete(run)
    if row.last_sync_at is None:
        return Check("last_sync", WARNING, "never_synced", "Nothing was pulled yet.", "Start one with POST …/sync.")
    return Check("last_sync", OK, "synced", f"The last sync ended {span(clock.now() - row.last_sync_at)} ago.")


def _open(run: SyncRun) -> Check:
    if run.state == SyncRun.State.QUEUED and run.due_at > clock.now():
        at = clock.rfc3339(clock.to_ms(run.due_at))
        message = f"A sync waits until {at}, since the provider could not be asked before."
        return Check(
            "last_sync", WARNING, "sync_waits", message, "It goes on by itself; see calls, quota and last_error."
        )
    return Check("last_sync", OK, "sync_running", f"A sync is under way ({run.state}).")


def _incomplete(run: SyncRun) -> Check:
    shown = [f"{one['kind']} ({one['detail'] or one['code']})" for one in run.problems[:MAX_SHOWN]]
    more = len(run.problems) - len(shown)
    message = f"The last sync lacks: {', '.join(shown)}{f' and {more} more' if more else ''}."
    codes = [str(one["code"]) for one in run.problems]
    step = next((NEXT_STEPS[code] for code in codes if code in NEXT_STEPS), "")
    step = step or "GET /users/{user_id}/sync-runs says why for each."
    return Check("last_sync", WARNING, "completed_with_errors", message, step)
