"""Expansion of a customer's filter into names of event types.

    None                        sessions, changes of state and groups, nothing sensitive
    ["workout.*"]               every type of the group workout
    ["heart_rate.*"]            the group's event and the events of each of its series
    ["series.vo2_max.created"]  just that one

The original text is kept for display; names are expanded again when the catalogue has grown.
"""

import difflib
from collections.abc import Sequence

from accounts.webhooks import event_types
from accounts.webhooks.event_types import EventType, Level
from wearlink.lib.errors import FieldError, InvalidInput

WILDCARD = ".*"
FIELD = "filter_types"


def expand(filter_types: Sequence[str] | None) -> list[str]:
    """Return the sorted names of the types that such an endpoint gets. Raises InvalidInput naming each
    unknown entry.
    """
    if filter_types is None:
        return sorted(one.name for one in event_types.every() if one.level is not Level.GRANULAR and not one.sensitive)
    names: set[str] = set()
    faults = []
    for index, text in enumerate(filter_types):
        found = _named(text)
        names.update(found)
        if not found:
            faults.append(FieldError(f"{FIELD}.{index}", unknown(text)))
    if faults:
        raise InvalidInput(f"{faults[0].field}: {faults[0].message}", errors=faults, code="unknown_event_type")
    return sorted(names)


def still_known(filter_types: Sequence[str] | None) -> list[str]:
    """Do as `expand`, but entries that the catalogue no longer has count for nothing: for stored filters."""
    if filter_types is None:
        return expand(None)
    return sorted({name for text in filter_types for name in _named(text)})


def _named(text: str) -> list[str]:
    if not text.endswith(WILDCARD):
        return [text] if event_types.find(text) else []
    prefix = text.removesuffix(WILDCARD)
    found = [one for one in event_types.every() if one.group == prefix or one.name.startswith(f"{prefix}.")]
    return [one.name for one in found if not one.sensitive or _names_sensitive_group(prefix)]


def _names_sensitive_group(prefix: str) -> bool:
    """Return whether the wildcard names a group that is sensitive as a whole; one of a mixed group does not name a
    child.
    """
    group: EventType | None = event_types.find(f"{prefix}.created")
    return group is not None and group.sensitive


def unknown(text: str) -> str:
    """Return what to say of a name that the catalogue does not have."""
    near = difflib.get_close_matches(text[:128].lower(), [one.name for one in event_types.every()], n=2)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"unknown event type {text[:128]!r}.{hint} GET /api/v1/webhooks/event-types lists all."
