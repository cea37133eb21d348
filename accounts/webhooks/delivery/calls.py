"""One call to an endpoint, in a thread of its own: sign, send, describe what came. No database here."""

import time
from datetime import datetime
from typing import Final

from accounts.webhooks import signing
from accounts.webhooks.contract import Job, Outcome
from accounts.webhooks.models import Endpoint
from wearlink.lib import clock, retry_after
from wearlink.lib.egress import Answer, EgressError
from wearlink.lib.pinned_http import ConnectionPool

DEADLINE: Final = 15.0
QUICKLY: Final = 1.0  # a connection that fails sooner is tried once more at once


def make_call(job: Job, endpoint: Endpoint, pool: ConnectionPool) -> Outcome:
    """Make one delivery's call; never raises what the other side can cause."""
    started, clock_started = clock.now(), time.monotonic()
    if not job.secrets:
        return Outcome(job, started, 0, succeeded=False, error="The endpoint's signing secret cannot be read.")
    headers = {
        "Content-Type": "application/json",
        **signing.headers(job.message.id, clock.to_ms(started) // 1000, job.body, job.secrets),
    }
    try:
        answer = _post(endpoint.url, headers, job.body, pool)
    except EgressError as error:
        spent = time.monotonic() - clock_started
        return _failed(job, started, spent, error)
    return _answered(job, started, round((time.monotonic() - clock_started) * 1000), answer)


def _post(url: str, headers: dict[str, str], body: bytes, pool: ConnectionPool) -> Answer:
    begun = time.monotonic()
    try:
        return pool.request("POST", url, headers=headers, body=body, deadline=DEADLINE)
    except EgressError as error:
        spent = time.monotonic() - begun
        if error.code != "connection" or spent > QUICKLY:
            raise
        return pool.request("POST", url, headers=headers, body=body, deadline=DEADLINE - spent)


def _failed(job: Job, started: datetime, spent: float, error: EgressError) -> Outcome:
    return Outcome(
        job=job,
        started=started,
        duration_ms=round(spent * 1000),
        succeeded=False,
        error=error.detail[:200],
        silent=error.code == "timeout",
    )


def _answered(job: Job, started: datetime, duration_ms: int, answer: Answer) -> Outcome:
    succeeded = 200 <= answer.status < 300
    return Outcome(
        job=job,
        started=started,
        duration_ms=duration_ms,
        succeeded=succeeded,
        status_code=answer.status,
        response=answer.body,
        error="" if succeeded else f"Answered {answer.status}; only 2xx is success.",
        retry_after=None if succeeded else retry_after.seconds_until(answer.headers.get("retry-after"), clock.now()),
    )
