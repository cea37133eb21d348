"""Recovery, strain and readiness of days that are due, computed by a worker once the figures of the days are.

What changes on a day touches the scores of the days that look back at it. They are computed together, a season at a
time, from what ScoreInputs loads; only the due days themselves have their heart rates read again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from django.db import transaction

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.figures import due, heart_days, keep
from healthdata.figures.score_inputs import Measure, ScoreInputs, load
from healthdata.models import DueDay
from healthdata.scores.baseline import BASELINE_DAYS
from healthdata.scores.readiness import USUAL_DAYS, readiness_score
from healthdata.scores.recovery import RecoveryInputs, recovery_score
from healthdata.scores.result import ScoreResult
from healthdata.scores.strain import MAXIMUM_DAYS, StrainInputs, strain_score
from healthdata.store import feed, score_rows
from healthdata.store.due import unmark
from healthdata.store.result import StoreResult
from healthdata.store.verbs import of_user
from healthdata.webhooks.emit import emit_changes
from wearlink.lib import clock

SEASON_DAYS: Final = 120  # computed together: bounds the memory and the length of a transaction
TOUCHED: Final = timedelta(days=MAXIMUM_DAYS)  # the furthest that a score looks back
NEXT: Final = timedelta(days=1)
MAX_MARKS: Final = 4_000

Scores = dict[str, dict[date, ScoreResult]]  # by category and day


def work_off(user_key: int, deadline: float | None = None) -> bool:
    """Compute what is due of an end user's scores, and of the figures they rest on; True if time ran out before."""
    while marks := list(DueDay.objects.filter(user_key=user_key, kind=DueDay.Kind.SCORES).order_by("day")[:MAX_MARKS]):
        if due.work_off(user_key, deadline):  # after the marks were read: what changes from now on is marked once more
            return True
        priority = due.priority_of(user_key)
        if priority is None:  # erased, and the rows with the end user
            return False
        zones = ZoneHistory(user_zones.history(user_key))
        days = {mark.day: mark for mark in marks}
        for block in keep.blocks(days):
            with transaction.atomic():
                if not keep.lock(user_key):
                    return False
                heart_days.refresh(user_key, block, priority, zones)
        last = max(zones.day_of(clock.now_ms()), marks[-1].day)
        for first, until in seasons(sorted(days), last):
            with of_user(user_key):
                if not keep.lock(user_key):
                    return False
                inputs = load(user_key, priority, first=first, last=until)
                save(user_key, compute(inputs, first, until), first, until, zones)
                unmark(user_key, [mark for day, mark in days.items() if first <= day <= until])
    return False


def seasons(days: Sequence[date], last: date) -> Iterator[tuple[date, date]]:
    """Yield the due days and those that look back at them, up to `last`: runs of at most SEASON_DAYS."""
    begin, until = days[0], days[0]
    for day in [*days, None]:
        if day is not None and day <= until + NEXT:
            until = min(day + TOUCHED, last)
            continue
        while begin <= until:
            end = min(begin + timedelta(days=SEASON_DAYS - 1), until)
            yield begin, end
            begin = end + NEXT
        if day is not None:
            begin, until = day, min(day + TOUCHED, last)


def compute(inputs: ScoreInputs, first: date, last: date) -> Scores:
    """Return the scores of the days first..last of which anything is known."""
    strain = _strain(inputs, first - timedelta(days=USUAL_DAYS))
    found: Scores = {"recovery": {}, "strain": {}, "readiness": {}}
    for day in sorted(one for one in inputs.days if first <= one <= last):
        if day in strain:
            found["strain"][day] = strain[day]
        if day in inputs.hrv or day in inputs.resting or day in inputs.sleep:
            found["recovery"][day] = recovery = _recovery(inputs, day)
            found["readiness"][day] = _readiness(strain, recovery, day)
    return found


def _recovery(inputs: ScoreInputs, day: date) -> ScoreResult:
    hrv, resting = inputs.hrv.get(day), inputs.resting.get(day)
    return recovery_score(
        RecoveryInputs(
            hrv=None if hrv is None else hrv.value,
            earlier_hrv=_alike(inputs.hrv, day),
            resting_rate=None if resting is None else resting.value,
            earlier_resting_rates=_alike(inputs.resting, day),
            sleep_score=inputs.sleep.get(day),
        )
    )


def _alike(values: Mapping[date, Measure], day: date) -> list[float]:
    """Return the values of the days before that may be compared with the day's; of a day without one, none."""
    kept = values.get(day)
    before = (values.get(day - timedelta(days=back)) for back in range(BASELINE_DAYS, 0, -1))
    return [one.value for one in before if one is not None and kept is not None and one.kind == kept.kind]


def _strain(inputs: ScoreInputs, first: date) -> dict[date, ScoreResult]:
    found = {}
    for day in sorted(one for one in inputs.heart if one >= first):
        resting = inputs.resting.get(day)
        begin = day - timedelta(days=MAXIMUM_DAYS)
        earlier = (inputs.resting.get(day - timedelta(days=back)) for back in range(1, BASELINE_DAYS + 1))
        found[day] = strain_score(
            StrainInputs(
                time_at=inputs.heart[day].time_at,
                resting_rate=None if resting is None else resting.value,
                earlier_resting_rates=[one.value for one in earlier if one is not None],
                peaks=[row.peak for other, row in inputs.heart.items() if begin < other <= day],
            )
        )
    return found


def _readiness(strain: Mapping[date, ScoreResult], recovery: ScoreResult, day: date) -> ScoreResult:
    loads = {}
    for back in range(1, USUAL_DAYS + 1):
        one = strain.get(day - timedelta(days=back))
        if one is not None and one.score is not None:
            loads[back] = one.inputs["load"]
    yesterday = strain.get(day - NEXT)
    return readiness_score(recovery.score, None if yesterday is None else yesterday.score, loads)


def save(user_key: int, found: Scores, first: date, last: date, zones: ZoneHistory) -> None:
    """Make the rows of the days first..last follow, and tell what changed."""
    result = StoreResult()
    for category, days in found.items():
        score_rows.keep(user_key, score_rows.DayScores(category, first, last, days), result.changes)
    emit_changes(user_key, [result])
    feed.note(user_key, [result], zones)
