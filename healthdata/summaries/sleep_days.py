"""Sleep by local date of waking."""

from dataclasses import dataclass
from datetime import date

from healthdata.models import SleepSession
from healthdata.nights import Night, nights_by_day
from healthdata.queries import events
from healthdata.summaries.choice import Reader


@dataclass(frozen=True, slots=True)
class SleepDay:
    """The sleep that ended on one local date, each hour of it once."""

    day: date
    night: Night | None  # None: there were only naps
    others: tuple[SleepSession, ...]  # naps, and other sleep that is no part of the night

    @property
    def shown(self) -> SleepSession:
        """The session whose source is named."""
        return self.others[0] if self.night is None else self.night.longest


def sleep(reader: Reader, *, first: date, last: date) -> list[SleepDay]:
    """Sleep by local date of waking, first..last, oldest first."""
    by_day: dict[date, list[SleepSession]] = {}
    found = events.nights(reader.user_key, first=first, last=last)
    for session in found:
        by_day.setdefault(session.day, []).append(session)
    nights = nights_by_day(found)
    return [_sleep_day(day, nights.get(day), by_day[day]) for day in sorted(by_day)]


def _sleep_day(day: date, night: Night | None, sessions: list[SleepSession]) -> SleepDay:
    parts = {part.key for part in night.parts} if night is not None else set()
    return SleepDay(day, night, tuple(one for one in sessions if one.key not in parts))
