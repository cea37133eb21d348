"""Writing down what came of calls: many at once, in one transaction, and only by the holder of the lease."""

import base64
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson
from django.db import connection, transaction

from accounts import usage
from accounts.webhooks import ids
from accounts.webhooks.contract import Outcome
from accounts.webhooks.delivery import retries
from accounts.webhooks.endpoints import health, mails
from accounts.webhooks.models import Delivery, Message
from accounts.webhooks.wakeups import DELIVER

logger = logging.getLogger(__name__)
SOON: Final = 60.0  # seconds
_PENDING, _DELIVERED, _FAILED = Delivery.State.PENDING, Delivery.State.DELIVERED, Delivery.State.FAILED

# A delivery that somebody else holds by now, or that was dropped meanwhile, stays as it is. A call that came to an end
# clears the delivery of crashes before. What waits, waits by the database's clock, whatever the worker's says.
# One JSON text is written and read several times faster than eighteen arrays.
# Written out: `make bench`, webhook deliveries/s, 8 endpoints, 1 worker.
_RECORD: Final = """
    WITH outcome AS (
        SELECT * FROM json_to_recordset(%s::json) AS t(
            key bigint, lease uuid, state smallint, wait float8, id text, endpoint_key bigint, message_key bigint,
            number smallint, trigger smallint, succeeded boolean, url text, status_code smallint, response text,
            error text, duration_ms int, created_at timestamptz)
    ),
    transitions AS (
        UPDATE webhooks_delivery d
        SET state = outcome.state, attempts = outcome.number, leases = outcome.number, lease = NULL,
            locked_until = NULL, due_at = statement_timestamp() + coalesce(outcome.wait, 0) * interval '1 second'
        FROM outcome WHERE d.key = outcome.key AND d.lease = outcome.lease
    )
    INSERT INTO webhooks_attempt (id, endpoint_key, message_key, number, trigger, succeeded, url, status_code,
                                  response, error, duration_ms, created_at, next_at)
    SELECT id, endpoint_key, message_key, number, trigger, succeeded, url, status_code, decode(response, 'base64'),
           error, duration_ms, created_at, statement_timestamp() + wait * interval '1 second'
    FROM outcome WHERE id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Transition:
    """One outcome and what follows from it; `wait`: seconds until the next attempt, None at the end of a delivery."""

    outcome: Outcome
    state: int
    wait: float | None


def record(outcomes: Sequence[Outcome]) -> None:
    """Store outcomes, the attempts, what they say about their endpoints, and the tenants' counters.

    Where they cannot be stored together, each is stored by itself, and one that cannot be is stored as a plain failure:
    nobody's outcome is lost for somebody else's. Raises DatabaseError when the database has gone.
    """
    if not outcomes:
        return
    try:
        _record(outcomes)
    except Exception:  # nobody's outcome is lost for somebody else's
        _raise_if_database_has_gone()
        logger.exception("%s outcomes cannot be stored together", len(outcomes))
        for outcome in outcomes:
            _record_alone(outcome)


def _record_alone(outcome: Outcome) -> None:
    try:
        _record([outcome])
    except Exception:  # an odd answer is stored as a plain failure
        _raise_if_database_has_gone()
        logger.exception("The outcome of delivery %s cannot be stored", outcome.job.key)
        plain = "The answer could not be stored."
        _record([replace(outcome, succeeded=False, status_code=0, response=b"", error=plain, retry_after=None)])


def _raise_if_database_has_gone() -> None:
    if not connection.is_usable():
        raise  # noqa: PLE0704 (what is being handled)


def _record(outcomes: Sequence[Outcome]) -> None:
    transitions = [next_state(outcome) for outcome in outcomes]
    batch = health.BatchHealth()
    for one in transitions:
        batch.add(one.outcome, exhausted=one.state == _FAILED)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_RECORD, [orjson.dumps([_record_row(one) for one in transitions]).decode()])
        _settle_resent(outcomes)
        _keep_service_ids(outcomes)
        notices = health.apply(batch)
        _count(outcomes)
    for endpoint, notice in notices:
        mails.enqueue(endpoint.key, notice)
    _wake_for_retries(transitions)


def _keep_service_ids(outcomes: Sequence[Outcome]) -> None:
    """Store Svix's ids of messages, by which its log is shown with ours."""
    for outcome in outcomes:
        if outcome.service_id:
            Message.objects.filter(pk=outcome.job.message.key).update(service_id=outcome.service_id)


def _settle_resent(outcomes: Sequence[Outcome]) -> None:
    """Cancel the scheduled attempts of messages whose resend arrived."""
    for outcome in outcomes:
        job = outcome.job
        if outcome.succeeded and job.trigger == Delivery.Trigger.MANUAL and not job.message.test:
            scheduled = Delivery.objects.filter(
                message_key=job.message.key, endpoint_key=job.endpoint_key, trigger=Delivery.Trigger.SCHEDULED
            )
            scheduled.exclude(state=_DELIVERED).update(state=_DELIVERED, lease=None, locked_until=None)


def _wake_for_retries(transitions: Sequence[Transition]) -> None:
    """Start workers for retries due within a minute at their time; later ones are found by the sweep."""
    waits = sorted(one.wait for one in transitions if one.wait is not None and one.wait <= SOON)
    for wait in waits:
        DELIVER.request_work(countdown=wait)


def next_state(outcome: Outcome) -> Transition:
    """Return what follows: done, given up, or a wait for the next attempt."""
    job = outcome.job
    wait: float | None
    if outcome.succeeded:
        return Transition(outcome, _DELIVERED, None)
    if job.endpoint is None:
        spent = outcome.hopeless and job.attempts + 1 >= retries.ATTEMPTS
        wait = None if spent else retries.service_delay(job.attempts + 1)
    elif job.trigger == Delivery.Trigger.MANUAL or outcome.gone or outcome.hopeless:
        wait = None
    else:
        wait = retries.delay(job.attempts + 1, overloaded=outcome.overloaded, retry_after=outcome.retry_after)
    if wait is None:
        return Transition(outcome, _FAILED, None)
    return Transition(outcome, _PENDING, wait)


def _record_row(one: Transition) -> dict[str, object]:
    """Return a row of _RECORD. What was handed to Svix has no attempt of ours: no id."""
    outcome, job = one.outcome, one.outcome.job
    fields: dict[str, object] = {
        "key": job.key,
        "lease": job.lease,
        "state": one.state,
        "wait": one.wait,
        "number": job.attempts + 1,
    }
    if job.endpoint is None:
        return fields
    return {
        **fields,
        "id": ids.new(ids.ATTEMPT),
        "endpoint_key": job.endpoint.key,
        "message_key": job.message.key,
        "trigger": job.trigger,
        "succeeded": outcome.succeeded,
        "url": job.endpoint.url,
        "status_code": outcome.status_code,
        "response": base64.b64encode(outcome.response).decode(),
        "error": outcome.error,
        "duration_ms": outcome.duration_ms,
        "created_at": outcome.started,
    }


def _count(outcomes: Sequence[Outcome]) -> None:
    """Add to the tenants' counters in one order, else two workers would wait for each other's rows."""
    made = Counter(outcome.job.message.organization_id for outcome in outcomes if outcome.succeeded)
    for organization_id, number in sorted(made.items()):
        usage.add(organization_id, {usage.WEBHOOK_DELIVERIES: number})
