"""The events of an import that has ended, emitted in the transaction of its end."""

from typing import Any

import msgspec

from accounts.webhooks import events, subscribers
from accounts.webhooks.events import Event
from healthdata.webhooks.emit import emit_ranges
from healthdata.webhooks.ranges import Ranges, TouchedRange
from providers.models import ImportJob

StoredRanges = dict[str, dict[str, list[int]]]  # provider → series → count, start, end


def emit_ended(job: ImportJob) -> None:
    """Emit import.completed or import.failed, and before it the ranges of a large one's samples, as far as it came."""
    emit_ranges(job.user_key, ranges_of(job))
    user = subscribers.of_end_user(job.user_key)
    if user is None:
        return
    event_type = "import.failed" if job.state == ImportJob.State.FAILED else "import.completed"
    data: dict[str, Any] = {"user_id": str(user.user_id), "provider": job.provider, "job_id": str(job.job_id)}
    if job.state == ImportJob.State.FAILED:
        data["error"] = job.error
    else:
        data |= {
            "inserted": job.inserted,
            "updated": job.updated,
            "unchanged": job.unchanged,
            "rejected": sum(job.rejected.values()),
        }
    event = Event(event_type, data, user_id=user.user_id, event_id=f"{event_type}.{job.job_id}")
    events.emit_many(user.subscribers, [event])


def ranges_of(job: ImportJob) -> Ranges:
    """Return the ranges of the import's samples that are still to be emitted."""
    return {
        (provider, series): msgspec.convert(one, TouchedRange)
        for provider, found in job.ranges.items()
        for series, one in found.items()
    }


def to_stored(ranges: Ranges) -> StoredRanges:
    """Return it as the job's row keeps them."""
    stored: StoredRanges = {}
    for (provider, series), one in ranges.items():
        stored.setdefault(provider, {})[series] = [one.count, one.start, one.end]
    return stored
