"""Retention: the platform's settings, the nightly pruning by them, and a preview of what it would delete (dry run).

    register(RetentionRule("payloads", "Raw payloads, …", "PAYLOAD_RETENTION_DAYS", DAYS, rows=_old, prune=prune))

A setting of 0 keeps for ever. Each pruning is recorded in the platform's audit trail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from accounts import audit
from wearlink.lib import clock

DAYS: Final = timedelta(days=1)
HOURS: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """One kind of thing. `setting` names how many of `unit` it is kept; `rows` are those that are older than a moment,
    and `prune` removes them, in small commits, and returns how many went.
    """

    name: str
    what: str
    setting: str
    unit: timedelta
    rows: Callable[[datetime], "QuerySet[Any]"]
    prune: Callable[[datetime], int]

    @property
    def kept(self) -> timedelta | None:
        """The time for which rows are kept; None: for ever."""
        number = getattr(settings, self.setting)
        return self.unit * number if number > 0 else None


@dataclass(frozen=True, slots=True)
class RetentionPreview:
    """The rows that a rule would delete now; `before` is None where the rule keeps them for ever."""

    rule: RetentionRule
    before: datetime | None
    rows: int


_RULES: dict[str, RetentionRule] = {}


def register(rule: RetentionRule) -> None:
    """Add a rule. Raises ValueError for a name that is taken."""
    if _RULES.setdefault(rule.name, rule) is not rule:
        raise ValueError(f"The retention rule {rule.name} is registered twice.")


def rules() -> tuple[RetentionRule, ...]:
    """Return every rule, in the order of registration."""
    return tuple(_RULES.values())


def preview() -> list[RetentionPreview]:
    """Return what each rule would take. Takes nothing."""
    found = []
    for rule in rules():
        before = _before(rule)
        found.append(RetentionPreview(rule, before, 0 if before is None else rule.rows(before).count()))
    return found


def apply(name: str) -> int:
    """Prune by one rule; returns how much went."""
    rule = _RULES[name]
    before = _before(rule)
    removed = 0 if before is None else rule.prune(before)
    if removed and before is not None:
        data = {"rule": name, "removed": removed, "before": clock.rfc3339(clock.to_ms(before))}
        audit.record("retention.applied", actor=audit.SYSTEM, data=data)
    return removed


def _before(rule: RetentionRule) -> datetime | None:
    return None if rule.kept is None else clock.now() - rule.kept
