"""WearLink's own sleep scores, kept in step with the sessions they rest on.

A night's score looks back at earlier bedtimes, so a changed night touches the scores of the days after it as well.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from healthdata.days import ZoneHistory
from healthdata.models import HealthScore, SleepSession
from healthdata.scores.result import PROVIDER, ScoreResult
from healthdata.scores.sleep import NIGHTS_LOOKED_BACK, sleep_score
from healthdata.sleep import Session
from healthdata.store.result import StoreResult
from wearlink.lib.clock import to_ms

LOOK_BACK = timedelta(days=30)  # bedtimes older than this say nothing about a habit


def rescore(user_key: int, days: Iterable[date], result: StoreResult, zones: ZoneHistory) -> None:
    """Bring the sleep scores of these days, and of those that look back at them, in line with the sessions."""
    touched = sorted(set(days))
    if not touched:
        return
    first, last = touched[0], touched[-1] + LOOK_BACK
    nights = main_nights(
        SleepSession.objects.filter(user_key=user_key, day__range=(first - LOOK_BACK, last), is_nap=False).order_by(
            "day", "start", "key"
        )
    )
    wanted = {
        day: score for day in sorted(nights) if day >= first and (score := score_of(day, nights, zones)) is not None
    }
    save(user_key, first, last, wanted, nights, result)


def main_nights(sessions: Iterable[SleepSession]) -> dict[date, SleepSession]:
    """The session that stands for each day: staged before unstaged, then the longest, then the earliest."""
    best: dict[date, SleepSession] = {}
    for session in sessions:
        known = best.get(session.day)
        if known is None or rank(session) > rank(known):
            best[session.day] = session
    return best


def rank(session: SleepSession) -> tuple[bool, int]:
    staged = bool((session.light_seconds or 0) + (session.deep_seconds or 0) + (session.rem_seconds or 0))
    return staged, session.sleep_seconds or 0


def score_of(day: date, nights: dict[date, SleepSession], zones: ZoneHistory) -> ScoreResult | None:
    earlier = sorted((other for other in nights if day - LOOK_BACK <= other < day), reverse=True)
    bedtimes = [bedtime(nights[other], zones) for other in earlier[:NIGHTS_LOOKED_BACK]]
    return sleep_score(as_session(nights[day]), bedtime(nights[day], zones), bedtimes)


def bedtime(session: SleepSession, zones: ZoneHistory) -> int:
    return zones.minute_of_day(to_ms(session.start), session.zone)


def as_session(row: SleepSession) -> Session:
    """The stored session in the form that the pure scores take."""
    return Session(
        start_ms=to_ms(row.start),
        end_ms=to_ms(row.end),
        zone_minutes=row.zone,
        duration_s=row.duration_seconds,
        sleep_s=row.sleep_seconds,
        awake_s=row.awake_seconds or 0,
        light_s=row.light_seconds or 0,
        deep_s=row.deep_seconds or 0,
        rem_s=row.rem_seconds or 0,
        unstaged_s=row.unstaged_seconds or 0,
        in_bed_s=row.in_bed_seconds or 0,
        efficiency=row.efficiency_percent,
        awakenings=row.awakenings,
        latency_s=row.latency_seconds,
        waso_s=row.waso_seconds,
        is_nap=row.is_nap,
        stages=tuple((start, end, stage) for start, end, stage in row.stages),
    )


def save(
    user_key: int,
    first: date,
    last: date,
    wanted: dict[date, ScoreResult],
    nights: dict[date, SleepSession],
    result: StoreResult,
) -> None:
    """Create, update and delete rows so that [first, last] holds exactly the wanted scores."""
    stored = {
        row.day: row
        for row in HealthScore.objects.filter(
            user_key=user_key, provider=PROVIDER, category="sleep", day__range=(first, last)
        )
    }
    HealthScore.objects.filter(pk__in=[row.pk for day, row in stored.items() if day not in wanted]).delete()
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


def fill(row: HealthScore, score: ScoreResult, night: SleepSession) -> bool:
    """Copy the score into the row; says whether anything differed."""
    values: dict[str, object] = {
        "score": float(score.score),
        "range_min": float(score.range_min),
        "range_max": float(score.range_max),
        "source_id": night.source_id,
        "zone": night.zone,
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
