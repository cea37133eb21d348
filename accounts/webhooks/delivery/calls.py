"""One call to an endpoint, in a thread of its own: sign, send, describe what came. No database here."""

import logging
import time
from datetime import datetime
from typing import Final

from accounts.webhooks import custom_headers, signing
from accounts.webhooks.contract import Job, Outcome
from accounts.webhooks.models import Endpoint
from wearlink.lib import clock
from wearlink.lib.net import egress, retry_after
from wearlink.lib.net.egress import EgressError, Refused, ServerAnswer
from wearlink.lib.net.pinned_http import ConnectionPool

DEADLINE: Final = 15.0
QUICKLY: Final = 1.0  # a connection that fails sooner is tried once more at once
logger = logging.getLogger(__name__)


def make_call(job: Job, endpoint: Endpoint, pool: ConnectionPool) -> Outcome:
    """Make one delivery's call. Whatever happens is its outcome: nothing is raised."""
    if not job.secrets:
        return failed(job, "The endpoint's signing secret cannot be read.")
    if job.body is None:
        return failed(job, "The body of this message cannot be made.", hopeless=True)
    started, clock_started = clock.now(), time.monotonic()
    try:
        answer = _post(endpoint.url, _headers(job, endpoint, started), job.body, pool)
        return _answered(job, started, _since(clock_started), answer)
    except EgressError as error:
        silent, hopeless = error.code == "timeout", _is_never_called(endpoint.url)
        took = _since(clock_started)
        return failed(job, error.detail, started=started, duration_ms=took, silent=silent, hopeless=hopeless)
    except Exception as error:  # an odd server fails its own delivery, not the worker
        logger.exception("A call to endpoint %s raised", endpoint.id)
        reason = f"The call could not be made ({type(error).__name__})."
        return failed(job, reason, started=started, duration_ms=_since(clock_started))


def failed(
    job: Job, error: str, *, started: datetime | None = None, duration_ms: int = 0, silent: bool = False,
    hopeless: bool = False,
) -> Outcome:  # fmt: skip
    """Return the outcome of a call that nobody answered, or that was not made."""
    return Outcome(
        job=job,
        started=started or clock.now(),
        duration_ms=duration_ms,
        succeeded=False,
        error=error[:200],
        silent=silent,
        hopeless=hopeless,
    )


def _is_never_called(url: str) -> bool:
    """Return whether the address itself is refused, whatever its name may lead to by the next attempt."""
    try:
        egress.check_url(url)
    except Refused:
        return True
    return False


def _headers(job: Job, endpoint: Endpoint, started: datetime) -> dict[str, str]:
    signed = signing.headers(job.message.id, clock.to_ms(started) // 1000, job.body or b"", job.secrets)
    return {**custom_headers.read(endpoint), "Content-Type": "application/json", **signed}


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _post(url: str, headers: dict[str, str], body: bytes, pool: ConnectionPool) -> ServerAnswer:
    begun = time.monotonic()
    try:
        return pool.request("POST", url, headers=headers, body=body, deadline=DEADLINE)
    except EgressError as error:
        spent = time.monotonic() - begun
        if error.code != "connection" or spent > QUICKLY:
            raise
        return pool.request("POST", url, headers=headers, body=body, deadline=DEADLINE - spent)


def _answered(job: Job, started: datetime, duration_ms: int, answer: ServerAnswer) -> Outcome:
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
