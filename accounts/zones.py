"""Time zones of end users: which zone a person's days followed when."""

from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from accounts.models import UserZone
from wearlink.lib.errors import InvalidInput
from wearlink.lib.postgres import prepared

# Written out: every store call and most reads begin with it (`make bench`, posts and summaries/body).
_HISTORY = "SELECT valid_from, zone FROM accounts_userzone WHERE user_key = %s ORDER BY valid_from"


_REBUILDS: list[Callable[[int, int], None]] = []


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Every IANA name accepted. System aliases such as posix/ and right/ are no places."""
    return frozenset(name for name in available_timezones() if name not in {"localtime", "Factory", "posixrules"})


def valid(name: str) -> str:
    """The name itself if it is an IANA time zone; raises InvalidInput on time_zone."""
    if name not in names():
        raise InvalidInput.on(
            "time_zone",
            f"{name[:64]!r} is no IANA time zone. Accepted: names such as Europe/Paris.",
        )
    return name


def zone(name: str) -> ZoneInfo:
    """The rules of a stored name."""
    return ZoneInfo(name)


def begin(user_key: int, name: str) -> None:
    """The first zone of a person: it holds for all the past."""
    UserZone.objects.create(user_key=user_key, valid_from=0, zone=name)


def change(user_key: int, name: str, since: int) -> None:
    """From `since` (ms) on days follow this zone, whatever was told of that time before; earlier days stay.

    Nothing happens where they do so already. What rests on days is rebuilt by those who registered for it.
    """
    entries = history(user_key)
    before = [zone for start, zone in entries if start <= since][-1:]
    if before == [name] and all(start <= since for start, _ in entries):
        return
    UserZone.objects.filter(user_key=user_key, valid_from__gte=since).delete()
    if before != [name] or since == 0:
        UserZone.objects.create(user_key=user_key, valid_from=since, zone=name)
    for rebuild in _REBUILDS:
        rebuild(user_key, since)


def on_change(rebuild: Callable[[int, int], None]) -> None:
    """Have what rests on an end user's days rebuilt: called with their key and since when (ms) the zone is another."""
    if rebuild not in _REBUILDS:
        _REBUILDS.append(rebuild)


def history(user_key: int) -> tuple[tuple[int, str], ...]:
    """(valid from, in milliseconds since the epoch; IANA name), oldest first. The first row starts at the epoch."""
    with prepared() as cursor:
        cursor.execute(_HISTORY, [user_key])
        return tuple(cursor.fetchall())
