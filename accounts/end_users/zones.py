"""Time zones of end users: which zone an end user's days followed when."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from accounts.models import EndUser, UserZone
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput
from wearlink.lib.postgres import prepared

# Written out: every store call and most reads begin with it (`make bench`, posts and summaries/body).
_HISTORY = "SELECT valid_from, zone FROM accounts_userzone WHERE user_key = %s ORDER BY valid_from"


class ZoneMove(NamedTuple):
    """An end user's days follow another zone from an instant (ms) on."""

    user_key: int
    since: int
    zone: str
    is_learned: bool


_REBUILDS: list[Callable[[ZoneMove], None]] = []


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Return every IANA name accepted. System aliases such as posix/ and right/ are no places."""
    return frozenset(name for name in available_timezones() if name not in {"localtime", "Factory", "posixrules"})


def valid(name: str) -> str:
    """Return the name itself if it is an IANA time zone; raises InvalidInput on time_zone."""
    if name not in names():
        raise InvalidInput.on(
            "time_zone",
            f"{name[:64]!r} is no IANA time zone. Accepted: names such as Europe/Paris.",
        )
    return name


def zone(name: str) -> ZoneInfo:
    """Return the rules of a stored name."""
    return ZoneInfo(name)


def begin(user_key: int, name: str) -> None:
    """Store the first zone of an end user: it holds for all the past."""
    UserZone.objects.create(user_key=user_key, valid_from=0, zone=name)


def change(user_key: int, name: str, since: int) -> None:
    """Let days follow this zone from `since` (ms) on, replacing what was set for that time; earlier days stay.

    Nothing happens where they do so already. What rests on days is rebuilt by those who registered for it.
    """
    entries = history(user_key)
    before = [zone for start, zone in entries if start <= since][-1:]
    if before == [name] and all(start <= since for start, _ in entries):
        return
    UserZone.objects.filter(user_key=user_key, valid_from__gte=since).delete()
    if before != [name] or since == 0:
        UserZone.objects.create(user_key=user_key, valid_from=since, zone=name)
    _rebuild(ZoneMove(user_key, since, name, is_learned=False))


def learn(user_key: int, entries: Sequence[tuple[int, str]]) -> bool:
    """Have days follow zones that were learned from data, as `history` has them; says whether anything changed.

    Zones that were set are not touched.
    """
    user = EndUser.objects.select_for_update().only("key", "zone_known").filter(pk=user_key).first()
    known = history(user_key)
    if user is None or user.zone_known or tuple(entries) == known:
        return False
    instants = sorted({start for start, _ in (*entries, *known)})
    differing = [ms for ms in instants if _zone_at(entries, ms) != _zone_at(known, ms)]
    UserZone.objects.filter(user_key=user_key).delete()
    UserZone.objects.bulk_create(UserZone(user_key=user_key, valid_from=start, zone=name) for start, name in entries)
    EndUser.objects.filter(pk=user_key).update(time_zone=entries[-1][1], zone_learned=True, updated_at=clock.now())
    if differing:
        _rebuild(ZoneMove(user_key, differing[0], _zone_at(entries, differing[0]), is_learned=True))
    return True


def _zone_at(entries: Sequence[tuple[int, str]], ms: int) -> str:
    return [name for start, name in entries if start <= ms][-1] if entries else ""


def _rebuild(move: ZoneMove) -> None:
    for rebuild in _REBUILDS:
        rebuild(move)


def on_change(rebuild: Callable[[ZoneMove], None]) -> None:
    """Have what rests on an end user's days rebuilt when they follow another zone."""
    if rebuild not in _REBUILDS:
        _REBUILDS.append(rebuild)


def is_set(user_key: int) -> bool:
    """Return whether an end user's zone was set; else it is learned, or the organization's."""
    return EndUser.objects.filter(pk=user_key, zone_known=True).exists()


def history(user_key: int) -> tuple[tuple[int, str], ...]:
    """Return (valid from, in milliseconds since the epoch; IANA name), oldest first. The first row
    starts at the epoch.
    """
    with prepared() as cursor:
        cursor.execute(_HISTORY, [user_key])
        return tuple(cursor.fetchall())
