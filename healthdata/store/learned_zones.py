"""The time zones that an end user lived in, learned from what rows and vendors state of the clock. Pure.

An offset is no zone: half the year +02:00 is Berlin or Cairo, and only the other half tells them apart. So all that was
stated is laid out by day, and a stretch of days is of the first zone, in the order of preference, that fits all of it.
Where none fits any more another stretch begins: somebody travelled, or moved.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from healthdata.days import ZoneHistory

DAY_MS: Final = 86_400_000
#: A single day among others, whatever it says, is a row of somebody's wrong clock more often than a journey.
DAYS_OF_A_STAY: Final = 2

#: A zone for each offset that people live by, those of many first.
ZONES: Final = (
    *("Europe/Berlin", "Europe/London", "Europe/Athens", "Europe/Moscow", "Europe/Istanbul", "Atlantic/Azores"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix"),
    *("America/Anchorage", "Pacific/Honolulu", "America/Halifax", "America/St_Johns", "America/Mexico_City"),
    *("America/Bogota", "America/Caracas", "America/Sao_Paulo", "America/Santiago", "America/Noronha"),
    *("Africa/Lagos", "Africa/Johannesburg", "Africa/Cairo", "Africa/Nairobi", "Africa/Casablanca"),
    *("Atlantic/Cape_Verde", "Asia/Jerusalem", "Asia/Beirut", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul"),
    *("Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok"),
    *("Asia/Shanghai", "Asia/Tokyo", "Australia/Perth", "Australia/Eucla", "Australia/Sydney", "Australia/Brisbane"),
    *("Australia/Adelaide", "Australia/Darwin", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Noumea"),
    *("Pacific/Chatham", "Pacific/Tongatapu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Marquesas"),
)  # fmt: skip


class Statement(NamedTuple):
    """The clock of a stretch of rows: minutes east of UTC from an instant (ms) on, or a zone's own name."""

    at: int
    offset: int
    rows: int = 1
    name: str | None = None


@dataclass(slots=True)
class Stay:
    """A stretch of days, and the zones that fit all that was stated in it."""

    since: int
    days: int
    fitting: list[str]


def learned(statements: Iterable[Statement], preferred: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Return (valid from in ms, zone), oldest first and the first since ever; empty where nothing usable was stated.

    `preferred` zones are taken before others that fit as well: what is thought to be so already, and home.
    """
    days = by_day(statements)
    known = tuple(dict.fromkeys((*(one.name for one in days if one.name), *preferred, *ZONES)))
    stays = _joined(_long_enough(_stays(days, known)))
    names = [stay.fitting[0] for stay in stays]
    return tuple((stay.since if at else 0, name) for at, (stay, name) in enumerate(zip(stays, names, strict=True)))


def by_day(statements: Iterable[Statement]) -> list[Statement]:
    """Return what most rows of each UTC day say, in order; a name says more than any number of offsets."""
    days: dict[int, list[Statement]] = {}
    for one in statements:
        days.setdefault(one.at // DAY_MS, []).append(one)
    return [_of_day(days[day]) for day in sorted(days)]


def _of_day(stated: Sequence[Statement]) -> Statement:
    named = [one for one in stated if one.name is not None]
    rows: Counter[tuple[int, str | None]] = Counter()
    for one in named or stated:
        rows[one.offset, one.name] += one.rows
    (offset, name), count = min(rows.items(), key=lambda item: (-item[1], item[0][0], item[0][1] or ""))
    first = min(one.at for one in stated if (one.offset, one.name) == (offset, name))
    return Statement(first, offset, count, name)


def _stays(days: Sequence[Statement], known: Sequence[str]) -> list[Stay]:
    found: list[Stay] = []
    for one in days:
        going_on = fitting(one, found[-1].fitting) if found else []
        if going_on:
            found[-1].fitting = going_on
            found[-1].days += 1
        elif begun := fitting(one, known):
            found.append(Stay(one.at, 1, begun))
    return found


def fitting(one: Statement, zones: Iterable[str]) -> list[str]:
    """Return those of the zones whose clock showed what was stated."""
    if one.name is not None:
        return [name for name in zones if name == one.name]
    return [name for name in zones if ZoneHistory(((0, name),)).offset_at(one.at) == one.offset]


def _long_enough(stays: list[Stay]) -> list[Stay]:
    """Return them without single days, but for the newest: there the journey may have just begun."""
    return [stay for at, stay in enumerate(stays) if stay.days >= DAYS_OF_A_STAY or at == len(stays) - 1]


def _joined(stays: Sequence[Stay]) -> list[Stay]:
    """Neighbours that one zone fits are one."""
    found: list[Stay] = []
    for stay in stays:
        both = [name for name in found[-1].fitting if name in stay.fitting] if found else []
        if both:
            found[-1] = Stay(found[-1].since, found[-1].days + stay.days, both)
        else:
            found.append(stay)
    return found
