"""The check of the audit trail's chains, when an administrator asks for it: as many as some seconds allow."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.cache import cache

from accounts import audit
from accounts.audit_trail import checks
from accounts.models import AuditEntry, Developer
from wearlink.lib import clock

SECONDS: Final = 4.0  # after which no further chain is begun
KEPT_SECONDS: Final = 7 * 24 * 3600
_KEY: Final = "admin-chain-check"


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The result of the last check; broken are entries that do not follow from those before them, in words.

    checked counts the chains of this round so far; the next check goes on from there, or begins again at the end.
    """

    at: datetime
    checked: int
    chains: int
    broken: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Return whether nothing wrong was found."""
        return not self.broken


def last() -> ChainReport | None:
    """Return what the last check found; None where there was none lately."""
    found = cache.get(_KEY)
    if found is None:
        return None
    return ChainReport(clock.from_ms(found["ms"]), found["checked"], found["chains"], tuple(found["broken"]))


def check(admin: Developer, seconds: float = SECONDS) -> ChainReport:
    """Look at the chains that come next, at least one."""
    chains, before = audit.chains(), last()
    place = before.checked if before is not None and before.checked < len(chains) else 0
    broken = list(before.broken) if before is not None and place else []
    until = time.monotonic() + seconds
    while place < len(chains):
        found = checks.check(chains[place])
        if not found.is_whole:
            entry = None if found.broken is None else AuditEntry.objects.get(pk=found.broken)
            what = "entries are missing" if entry is None else f"entry {entry.pk} ({entry.action})"
            broken.append(f"{chains[place] or 'platform'}: {what}")
        place += 1
        if time.monotonic() > until:
            break
    data = {"checked": place, "chains": len(chains), "broken": len(broken)}
    audit.record("audit.checked", actor=audit.developer(admin), data=data)
    now = clock.now_ms()
    cache.set(_KEY, {"ms": now, "checked": place, "chains": len(chains), "broken": broken}, KEPT_SECONDS)
    return ChainReport(clock.from_ms(now), place, len(chains), tuple(broken))
