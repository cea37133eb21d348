"""Objects that no row knows: what a crash between store and database left behind. A daily sweep deletes them.

An app that stores objects registers their folder, and how to tell which of some keys a row still knows:

    register(Folder("payloads", lambda keys: set(Payload.objects.filter(object_key__in=keys).values_list(…))))
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final

from accounts import audit
from wearlink.lib import clock, storage
from wearlink.lib.errors import Unavailable

logger = logging.getLogger(__name__)
GRACE: Final = timedelta(hours=24)  # an object is written before its row
BATCH_SIZE: Final = 500


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the object store. `known`: those of some keys that a row knows."""

    name: str
    known: Callable[[Sequence[str]], set[str]]


_FOLDERS: dict[str, Folder] = {}


def register(folder: Folder) -> None:
    """Have a folder swept. Raises ValueError for a name that is taken."""
    if _FOLDERS.setdefault(folder.name, folder) is not folder:
        raise ValueError(f"The folder {folder.name} is registered twice.")


def folders() -> tuple[Folder, ...]:
    """Return every folder that objects lie in."""
    return tuple(_FOLDERS.values())


def ids_in(keys: Iterable[str], place: int) -> set[uuid.UUID]:
    """Return the ids that are at a place of the keys' paths (from 0); by them rows are found without an index of
    keys.
    """
    found = set()
    for key in keys:
        with suppress(ValueError, IndexError):
            found.add(uuid.UUID(key.split("/")[place]))
    return found


def sweep(*, dry_run: bool = False) -> dict[str, int]:
    """Delete objects older than GRACE that no row knows; returns how many, by folder.

    `dry_run` only counts. A store that does not answer ends it; the next run goes on.
    """
    found = {}
    try:
        for folder in folders():
            found[folder.name] = _sweep_folder(folder, dry_run=dry_run)
        if not dry_run:
            storage.discard_unfinished(clock.now() - GRACE)
    except Unavailable as error:
        logger.warning("The sweep of objects goes on later: %s", type(error).__name__)
    if any(found.values()) and not dry_run:
        audit.record("objects.swept", actor=audit.SYSTEM, data={"objects": found})
    return found


def _sweep_folder(folder: Folder, *, dry_run: bool) -> int:
    before, count = clock.now() - GRACE, 0
    old = (one.key for one in storage.walk(folder.name) if one.modified < before)
    for keys in _batches(old):
        known = folder.known(keys)
        for key in keys:
            if key not in known:
                count += 1
                if not dry_run:
                    storage.delete(key)
    return count


def _batches(keys: Iterable[str]) -> Iterable[list[str]]:
    found = iter(keys)
    while batch := list(islice(found, BATCH_SIZE)):
        yield batch
