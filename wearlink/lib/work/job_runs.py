"""The last run of each scheduled task: kept in the cache, written as a run ends, read by the admin's pages."""

import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Final

import redis
from django.core.cache import cache

from wearlink.lib import clock

KEPT_SECONDS: Final = 40 * 86_400
_started: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run. ended_at is in milliseconds since the epoch; outcome is Celery's word: SUCCESS, FAILURE or RETRY."""

    ended_at: int
    seconds: float
    outcome: str


def begin(run_id: str) -> None:
    """Note that a run begins in this process."""
    _started[run_id] = time.monotonic()


def end(task: str, run_id: str, outcome: str) -> None:
    """Note that a run that began here has ended. A cache that does not answer loses the note and nothing else."""
    started = _started.pop(run_id, None)
    if started is None:
        return
    run = JobRun(clock.now_ms(), round(time.monotonic() - started, 3), outcome)
    try:
        cache.set(_key(task), asdict(run), KEPT_SECONDS)
    except redis.RedisError:
        return


def last(tasks: Collection[str]) -> dict[str, JobRun]:
    """Return the last run of each task that is known to have run. Raises redis.RedisError."""
    names = {_key(task): task for task in tasks}
    found: dict[str, Any] = cache.get_many(list(names))
    return {names[key]: JobRun(**value) for key, value in found.items()}


def _key(task: str) -> str:
    return f"job-run:{task}"
