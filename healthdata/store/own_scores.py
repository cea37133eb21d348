"""WearLink's own sleep scores, kept in step with the sessions they rest on.

A night's score looks back at earlier bedtimes, so a changed night touches the scores of the days after it as well.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from healthdata.days import ZoneHistory
from healthdata.models import SleepSession
from healthdata.nights import Night, as_session, nights_by_day
from healthdata.scores.result import ScoreResult
from healthdata.scores.sleep import NIGHTS_LOOKED_BACK, sleep_score
from healthdata.store import score_rows
from healthdata.store.result import StoreResult

LOOK_BACK = timedelta(days=30)  # bedtimes older than this say nothing about a habit


def rescore(user_key: int, days: Iterable[date], result: StoreResult, zones: ZoneHistory) -> None:
    """Bring the sleep scores of these days, and of those that look back at them, in line with the sessions."""
    touched = sorted(set(days))
    if not touched:
        return
    first, last = touched[0], touched[-1] + LOOK_BACK
    nights = nights_by_day(
        SleepSession.objects.filter(
            user_key=user_key, day__range=(first - LOOK_BACK, last), is_nap=False, same_as=None, is_left_out=False
        ).order_by("day", "start", "key")
    )
    wanted = {
        day: score for day in sorted(nights) if day >= first and (score := score_of(day, nights, zones)) is not None
    }
    origins = {day: (nights[day].longest.source_id, nights[day].longest.zone) for day in wanted}
    score_rows.keep(user_key, score_rows.DayScores("sleep", first, last, wanted, origins), result.changes)


def score_of(day: date, nights: dict[date, Night], zones: ZoneHistory) -> ScoreResult | None:
    earlier = sorted((other for other in nights if day - LOOK_BACK <= other < day), reverse=True)
    bedtimes = [bedtime(nights[other], zones) for other in earlier[:NIGHTS_LOOKED_BACK]]
    return sleep_score(as_session(nights[day].whole), bedtime(nights[day], zones), bedtimes)


def bedtime(night: Night, zones: ZoneHistory) -> int:
    """Return local minute of the day at which the night begins."""
    first = night.parts[0]
    return zones.minute_of_day(first.start_ms, first.zone)
