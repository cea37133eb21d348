"""The sleep score: duration 40 %, stages 20 %, consistency 20 %, interruptions 20 %.

Where the constants come from:
- 7 to 9 hours for adults: Hirshkowitz et al. 2015, National Sleep Foundation, Sleep Health 1(1):40-43; at least 7:
  Watson et al. 2015 (AASM and SRS), doi:10.5664/jcsm.4950.
- wake after sleep onset up to 20 min and at most one awakening of more than 5 min are good: Ohayon et al. 2017,
  doi:10.1016/j.sleh.2016.11.006. The same panel found no agreement on stages, hence their small weight and the single
  threshold of 90 min each of deep and REM sleep.
- a regular bedtime counts: Phillips et al. 2017, doi:10.1038/s41598-017-03171-4. A median of fewer than three nights
  is not one (Plews et al. 2014, doi:10.1123/ijspp.2013-0455, for weekly means).
The shape of the curves (sigmoids, grace, slopes) is our choice and is what `version` counts.
"""

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

from healthdata.scores.result import ScoreResult, weigh
from healthdata.sleep import ASLEEP, Session

ALGORITHM: Final = "wearlink-sleep"
VERSION: Final = "1.1"
CITATIONS: Final = (
    "doi:10.1016/j.sleh.2014.12.010",
    "doi:10.5664/jcsm.4950",
    "doi:10.1016/j.sleh.2016.11.006",
    "doi:10.1038/s41598-017-03171-4",
    "doi:10.1123/ijspp.2013-0455",
)
WEIGHTS: Final = {"duration": 40, "stages": 20, "consistency": 20, "interruptions": 20}

MAX_DURATION_SECONDS: Final = 24 * 3600  # a longer session is an artefact and gets no score
FULL_HOURS: Final = (7, 9)
LONG_SLEEP_FLOOR: Final = 50
FULL_STAGE_S: Final = 90 * 60
NIGHTS_LOOKED_BACK: Final = 14
DAY_MIN: Final = 1440
NIGHTS_NEEDED: Final = 3
BEDTIME_GRACE_MIN: Final = 15
BEDTIME_SLOPE_MIN: Final = 105  # minutes beyond the grace at which the whole penalty is reached
EARLY_PENALTY: Final = 20
WASO_GRACE_MIN: Final = 20
WASO_ZERO_MIN: Final = 90
WASO_POINTS: Final = 80
LONG_AWAKENING_MS: Final = 5 * 60_000
AWAKENING_POINTS: Final = (20, 20, 15, 10)  # for 0, 1, 2, 3 long awakenings; more get none

ONLY_IN_BED: Final = "Only the time in bed is known."
TOO_LONG: Final = "A session of over 24 hours is no night."


def sleep_score(session: Session, bedtime: int, earlier_bedtimes: Sequence[int]) -> ScoreResult | None:
    """Return the score of a night, null where its sleep is unknown or it is longer than 24 hours; None for naps.

    `bedtime` and `earlier_bedtimes` are local minutes since midnight of the session's start and of the starts of
    earlier nights, the latest first; the first NIGHTS_LOOKED_BACK count.
    """
    if session.is_nap:
        return None
    if session.sleep_s is None or session.duration_s > MAX_DURATION_SECONDS:
        reason = ONLY_IN_BED if session.sleep_s is None else TOO_LONG
        return ScoreResult("sleep", None, ALGORITHM, VERSION, missing=tuple(WEIGHTS), reason=reason)
    earlier = earlier_bedtimes[:NIGHTS_LOOKED_BACK]
    staged = session.light_s + session.deep_s + session.rem_s > 0
    parts = {
        "duration": duration_points(session.sleep_s / 3600),
        "stages": stage_points(session.deep_s, session.rem_s) if staged else None,
        "consistency": consistency_points(bedtime, earlier) if len(earlier) >= NIGHTS_NEEDED else None,
        # a source that neither stages nor ever says awake cannot tell an unbroken night
        "interruptions": interruption_points(session) if staged or session.awake_s else None,
    }
    score, confidence = weigh(parts, WEIGHTS)
    return ScoreResult(
        category="sleep",
        score=score,
        components={name: value for name, value in parts.items() if value is not None},
        missing=tuple(name for name, value in parts.items() if value is None),
        confidence=confidence,
        inputs=_inputs(session, bedtime, earlier),
        algorithm=ALGORITHM,
        version=VERSION,
    )


def _inputs(session: Session, bedtime: int, earlier: Sequence[int]) -> dict[str, float]:
    return {
        "sleep_seconds": session.sleep_s or 0,
        "deep_seconds": session.deep_s,
        "rem_seconds": session.rem_s,
        "waso_seconds": session.waso_s or 0,
        "long_awakenings": long_awakenings(session),
        "bedtime_minute": bedtime,
        "earlier_nights": len(earlier),
    }


def duration_points(hours: float) -> int:
    """Return 100 from 7 to 9 hours asleep; falls steeply below, gently and no lower than 50 above."""
    low, high = FULL_HOURS
    if hours < low:
        return int(_sigmoid(hours, slope=-1.5, middle=5, edge=low))
    if hours > high:
        return max(int(_sigmoid(hours, slope=0.8, middle=11, edge=high)), LONG_SLEEP_FLOOR)
    return 100


def _sigmoid(x: float, *, slope: float, middle: float, edge: float) -> float:
    """Return a logistic curve scaled to be 100 at the edge."""
    return 100 * (1 + math.exp(slope * (edge - middle))) / (1 + math.exp(slope * (x - middle)))


def stage_points(deep_s: int, rem_s: int) -> int:
    """Deep and REM sleep each count in full from 90 minutes on."""
    return int(50 * (min(1, deep_s / FULL_STAGE_S) + min(1, rem_s / FULL_STAGE_S)))


def consistency_points(bedtime: int, earlier: Sequence[int]) -> int:
    """Distance of the bedtime from the median of earlier ones; later costs up to 100, earlier up to 20."""
    shift = _around(bedtime, usual_minute(earlier))
    beyond = min(1, max(0, abs(shift) - BEDTIME_GRACE_MIN) / BEDTIME_SLOPE_MIN)
    return int(100 - beyond * (100 if shift > 0 else EARLY_PENALTY))


def usual_minute(minutes: Sequence[int]) -> float:
    """Return the median of minutes of the day, counted from their mean on the clock face.

    The clock has no beginning: 23:50 and 00:10 are twenty minutes apart, and so are 11:50 and 12:10.
    """
    angles = [minute * math.tau / DAY_MIN for minute in minutes]
    mean = math.atan2(sum(map(math.sin, angles)), sum(map(math.cos, angles)))
    middle = mean * DAY_MIN / math.tau
    return middle + median(_around(minute, middle) for minute in minutes)


def _around(minute: float, middle: float) -> float:
    """Return minutes from `middle` to `minute` the shorter way round, -720 to 720."""
    return (minute - middle + DAY_MIN / 2) % DAY_MIN - DAY_MIN / 2


def interruption_points(session: Session) -> int:
    """Up to 80 points for little time awake after falling asleep, up to 20 for few long awakenings."""
    beyond = max(0, (session.waso_s or 0) / 60 - WASO_GRACE_MIN) / (WASO_ZERO_MIN - WASO_GRACE_MIN)
    count = long_awakenings(session)
    points = AWAKENING_POINTS[count] if count < len(AWAKENING_POINTS) else 0
    return int(WASO_POINTS * (1 - min(1, beyond))) + points


def long_awakenings(session: Session) -> int:
    """Awake stretches of more than 5 minutes between falling asleep and waking up."""
    asleep = [index for index, (_, _, stage) in enumerate(session.stages) if stage in ASLEEP]
    if not asleep:
        return 0
    within = session.stages[asleep[0] : asleep[-1]]
    return sum(stage == "awake" and end - start > LONG_AWAKENING_MS for start, end, stage in within)
