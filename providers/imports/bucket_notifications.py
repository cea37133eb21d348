"""Notifications of the object store by SNS that objects were made. Format: docs.aws.amazon.com/AmazonS3, "Event message
structure". Announcements come at least once and in any order; what they say is a reason to look, see arrivals.
"""

import logging
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote_plus

from django.conf import settings

from providers.imports import arrivals
from providers.models import ImportJob
from wearlink.lib.api.parsing import loads
from wearlink.lib.errors import InvalidInput

CREATED: Final = "ObjectCreated:"
logger = logging.getLogger(__name__)


def take(text: str) -> list[ImportJob]:
    """Look for the objects that a message announces; the imports that can begin.

    What is not ours (another bucket, other objects, deletions, the test that a set-up sends) is passed over. Raises
    StoreUnavailable, after which the message must come again.
    """
    begun = []
    for key in _keys(text):
        job = arrivals.awaited(key)
        if job is not None and arrivals.settle(job):
            begun.append(job)
    return begun


def _keys(text: str) -> Iterator[str]:
    """Yield the keys of objects made in our bucket."""
    try:
        event = loads(text.encode())
    except InvalidInput:
        event = None
    records = event.get("Records") if isinstance(event, dict) else None
    for record in records if isinstance(records, list) else ():
        bucket, key = _place(record)
        if bucket != settings.S3_BUCKET:
            logger.warning("An object was announced of a bucket that is not ours")
        elif key:
            yield unquote_plus(key)


def _place(record: Any) -> tuple[str, str]:
    """Bucket and key of an object that was made; empty for anything else."""
    try:
        if record["eventSource"] != "aws:s3" or not record["eventName"].removeprefix("s3:").startswith(CREATED):
            return settings.S3_BUCKET, ""
        found = record["s3"]
        return str(found["bucket"]["name"]), str(found["object"]["key"])
    except (KeyError, TypeError, AttributeError):
        return settings.S3_BUCKET, ""
