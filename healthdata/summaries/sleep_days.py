"""Sleep by local date of waking."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from healthdata import events
from healthdata.models import SleepSession
from healthdata.preferences import Priority, SourceCandidate
from healthdata.summaries.choice import Reader


@dataclass(frozen=True, slots=True)
class SleepDay:
    """The sleep that ended on one local date according to one source."""

    day: date
    main: SleepSession | None  # None: there were only naps
    others: tuple[SleepSession, ...]  # naps, and what else is not the main sleep

    @property
    def shown(self) -> SleepSession:
        return self.main or self.others[0]


def sleep(reader: Reader, *, first: date, last: date) -> list[SleepDay]:
    """Sleep by local date of waking, first..last, oldest first."""
    by_day: dict[date, dict[int, list[SleepSession]]] = defaultdict(lambda: defaultdict(list))
    for session in events.nights(reader.user_key, first=first, last=last):
        by_day[session.day][session.source_id].append(session)
    return [_best_night(day, list(by_day[day].values()), reader.priority) for day in sorted(by_day)]


def _best_night(day: date, nights: Sequence[Sequence[SleepSession]], priority: Priority) -> SleepDay:
    return min((_night(day, sessions) for sessions in nights), key=lambda night: _night_rank(night, priority))


def _night(day: date, sessions: Sequence[SleepSession]) -> SleepDay:
    """The longest session that is no nap is the main one."""
    main = max((one for one in sessions if not one.is_nap), key=lambda one: one.duration_seconds, default=None)
    return SleepDay(day, main, tuple(one for one in sessions if one is not main))


def _night_rank(night: SleepDay, priority: Priority) -> tuple[object, ...]:
    """A night before naps, then the cascade, then stages before none, then the longer one."""
    session = night.shown
    source = session.source
    candidate = SourceCandidate(source.id, source.provider, source.device_type, 0, 0)
    has_stages = any((session.light_seconds, session.deep_seconds, session.rem_seconds))
    return (
        night.main is None,
        priority.rank(candidate, "sleep"),
        not has_stages,
        -session.duration_seconds,
        source.id,
    )
