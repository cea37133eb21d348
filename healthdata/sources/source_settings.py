"""Settings of a source: a name, not to count it, or to count it as another one. All can be undone."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from healthdata.figures import due as due_days
from healthdata.models import Source
from healthdata.queries.counts import SourceSeries, series_of_sources
from healthdata.store import due
from healthdata.store.verbs import of_user
from healthdata.webhooks.emit import emit_source
from wearlink.lib.clock import from_ms
from wearlink.lib.errors import InvalidInput, NotFound

FIELDS: Final = ("label", "is_hidden", "merged_into")


class SourceNotFound(NotFound):
    """The end user has no such source."""

    default_code = "source_not_found"


def find(user_key: int, text: str) -> Source:
    """Return the source of a public id. Raises SourceNotFound, also for text that is no id."""
    try:
        uid = UUID(text)
    except ValueError as error:
        raise SourceNotFound("Source not found") from error
    source = Source.objects.filter(user_key=user_key, uid=uid).first()
    if source is None:
        raise SourceNotFound("Source not found")
    return source


def update(user_key: int, uid: str, changes: Mapping[str, Any]) -> Source:
    """Change some of label, is_hidden and merged_into (a public id or None).

    Days whose figures may change are marked in the same commit, and an event about the source is emitted. Raises
    SourceNotFound, and InvalidInput on merged_into for a source of somebody else, the source itself, and chains.
    """
    with transaction.atomic(), of_user(user_key):
        source, changed = proposed(user_key, uid, changes)
        source.save(update_fields=changed)
        if changed:
            emit_source(source)
        if set(changed) - {"label"}:
            mark(user_key, source)
    return source


def proposed(user_key: int, uid: str, changes: Mapping[str, Any]) -> tuple[Source, list[str]]:
    """Return the source as the changes would make it, unsaved, and the columns that differ. Raises as `update` does."""
    source = find(user_key, uid)
    values = dict(changes)
    if values.get("merged_into") is not None:
        values["merged_into"] = target_of(source, values["merged_into"]).id
    changed = [name for name, value in values.items() if getattr(source, name) != value]
    for name in changed:
        setattr(source, name, values[name])
    return source, changed


def target_of(source: Source, uid: UUID) -> Source:
    """Return the source that another is to count as. Raises InvalidInput."""
    target = Source.objects.filter(user_key=source.user_key, uid=uid).first()
    if target is None:
        raise InvalidInput.on("merged_into", "is no source of this end user.")
    if target.pk == source.pk:
        raise InvalidInput.on("merged_into", "A source cannot be merged into itself.")
    if target.merged_into is not None:
        raise InvalidInput.on("merged_into", "This source is merged into another one itself; name that one.")
    if Source.objects.filter(user_key=source.user_key, merged_into=source.pk).exists():
        raise InvalidInput.on("merged_into", "Other sources are merged into this one; undo that first.")
    return target


def mark(user_key: int, source: Source) -> None:
    """Mark all that the source is part of to be computed again: figures, scores, the choice of nights and workouts."""
    due.mark_days(user_key, due.REGROUP, [due.SINCE_EVER], "sources")
    spans = [one for one in series_of_sources(user_key) if one.source_id == source.id]
    if spans:
        first, last = min(one.first_ms for one in spans), max(one.last_ms for one in spans)
        due.mark_around(user_key, (from_ms(first).date(), from_ms(last).date()), "sources")
    due_days.LINE.request_work(user_key)


def series_by_source(user_key: int) -> dict[int, list[SourceSeries]]:
    """Return what each source has, by its internal id."""
    found: dict[int, list[SourceSeries]] = {}
    for one in series_of_sources(user_key):
        found.setdefault(one.source_id, []).append(one)
    return found
