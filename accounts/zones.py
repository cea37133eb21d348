"""Time zones of end users: which zone a person's days followed when."""

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from accounts.models import UserZone
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput
from wearlink.lib.postgres import prepared

# Written out: every store call and most reads begin with it (`make bench`, posts and summaries/body).
_HISTORY = "SELECT valid_from, zone FROM accounts_userzone WHERE user_key = %s ORDER BY valid_from"


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


def change(user_key: int, name: str) -> None:
    """From now on days follow this zone; past days stay as they were."""
    UserZone.objects.update_or_create(user_key=user_key, valid_from=clock.now_ms(), defaults={"zone": name})


def history(user_key: int) -> tuple[tuple[int, str], ...]:
    """(valid from, in milliseconds since the epoch; IANA name), oldest first. The first row starts at the epoch."""
    with prepared() as cursor:
        cursor.execute(_HISTORY, [user_key])
        return tuple(cursor.fetchall())
