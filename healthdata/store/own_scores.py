"""WearLink's own sleep scores, kept in step with the sessions they rest on.

A night's score looks back at earlier bedtimes, so a changed night touches the scores of the days after it as well.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from healthdata.days import ZoneHistory
from healthdata.models import HealthScore, SleepSession
from healthdata.nights import Night, as_session, nights_by_day
from healthdata.scores.result import PROVIDER, ScoreResult
from healthdata.scores.sleep import NIGHTS_LOOKED_BACK, sleep_score
from healthdata.store import scores
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
            user_key=user_key, day__range=(first - LOOK_BACK, last), is_nap=False, same_as=None
        ).order_by("day", "start", "key")
    )
    wanted = {
        day: score for day in sorted(nights) if day >= first and (score := score_of(day, nights, zones)) is not None
    }
    save(user_key, first, last, wanted, nights, result)


def score_of(day: date, nights: dict[date, Night], zones: ZoneHistory) -> ScoreResult | None:
    earlier = sorted((other for other in nights if day - LOOK_BACK <= other < day), reverse=True)
    bedtimes = [bedtime(nights[other], zones) for other in earlier[:NIGHTS_LOOKED_BACK]]
    return sleep_score(as_session(nights[day].whole), bedtime(nights[day], zones), bedtimes)


def bedtime(night: Night, zones: ZoneHistory) -> int:
    """Local minute of the day at which the night begins."""
    first = night.parts[0]
    return zones.minute_of_day(first.start_ms, first.zone)


def save(
    user_key: int,
    first: date,
    last: date,
    wanted: dict[date, ScoreResult],
    nights: dict[date, Night],
    result: StoreResult,
) -> None:
    """Create, update and delete rows so that [first, last] holds exactly the wanted scores."""
    stored = {
        row.day: row
        for row in HealthScore.objects.filter(
            user_key=user_key, provider=PROVIDER, category="sleep", day__range=(first, last)
        )
    }
    pointless = [row for day, row in stored.items() if day not in wanted]
    HealthScore.objects.filter(pk__in=[row.pk for row in pointless]).delete()
    result.changes.scores_deleted += [scores.removed(row) for row in pointless]
    created, updated = [], []
    for day, score in wanted.items():
        row = stored.get(day)
        if row is None:
            row = HealthScore(user_key=user_key, provider=PROVIDER, category="sleep", day=day)
            fill(row, score, nights[day])
            created.append(row)
        elif fill(row, score, nights[day]):
            updated.append(row)
    HealthScore.objects.bulk_create(created, batch_size=500)
    write(updated)
    result.changes.scores_created += [row.pk for row in created]
    result.changes.scores_updated += [row.pk for row in updated]


def write(rows: Sequence[HealthScore]) -> None:
    if rows:
        HealthScore.objects.bulk_update(
            rows,
            ["score", "source", "components", "missing", "confidence", "algorithm", "algorithm_version", "zone"],
            batch_size=500,
        )


def fill(row: HealthScore, score: ScoreResult, night: Night) -> bool:
    """Copy the score into the row; says whether anything differed."""
    values: dict[str, object] = {
        "score": float(score.score),
        "range_min": float(score.range_min),
        "range_max": float(score.range_max),
        "source_id": night.longest.source_id,
        "zone": night.longest.zone,
        "components": dict(score.components),
        "missing": list(score.missing),
        "confidence": score.confidence,
        "algorithm": score.algorithm,
        "algorithm_version": score.version,
    }
    changed = False
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    return changed
