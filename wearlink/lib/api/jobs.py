"""One vocabulary for whatever runs behind a call: uploads, imports, sync runs, exports.

A client that can wait for one of them can wait for all. Names of the documentation, such as job_id, are beside `id`.
"""

from enum import StrEnum
from functools import partial
from typing import Any, Final

from rest_framework import serializers


class JobStatus(StrEnum):
    """queued and running go on; the other three are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DONE_WITH_ERRORS = "done_with_errors"
    FAILED = "failed"


ENDED: Final = frozenset({JobStatus.DONE, JobStatus.DONE_WITH_ERRORS, JobStatus.FAILED})
_Moment: Final = partial(serializers.DateTimeField, format=None)
_STATUS_HELP: Final = (
    "queued and running go on. done: everything was taken. done_with_errors: what could be taken was, and the counts "
    "say what was not. failed: see error."
)


class AcceptedJobSerializer(serializers.Serializer[Any]):
    """The id and status of an accepted job; a repeated request gets the same job."""

    id = serializers.UUIDField(help_text="The job's id.")
    status = serializers.ChoiceField([one.value for one in JobStatus], help_text=_STATUS_HELP)


class JobSerializer(AcceptedJobSerializer):
    """The fields that every job has."""

    created_at = _Moment(help_text="When it was asked for.")
    started_at = _Moment(allow_null=True, help_text="When work on it last began; null before.")
    finished_at = _Moment(allow_null=True, help_text="When it ended; null before.")
    error = serializers.CharField(allow_null=True, help_text="Why it failed or waits, in words; null if all is well.")
