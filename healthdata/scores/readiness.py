"""The readiness score: recovery 60 %, balance of the load 25 %, rest from yesterday's strain 15 %.

The balance is the mean load of the last 7 days over that of the last 28, today aside. Between 0.8 and 1.3 it costs
nothing, above it falls to nothing at 2: Gabbett 2016, doi:10.1136/bjsports-2015-095788. The ratio is disputed as a
predictor of injuries (Impellizzeri et al. 2020, doi:10.1123/ijspp.2019-0864); here it only says that a week was much
harder than the month. A week that was much easier costs up to 30 points. Days without a strain score are unknown, not
idle, and are left out of the means. The weights are our choice and are what `version` counts.
"""

from collections.abc import Mapping
from statistics import fmean
from typing import Final

from healthdata.scores.result import ScoreResult, points, weigh

ALGORITHM: Final = "wearlink-readiness"
VERSION: Final = "1.0"
CITATIONS: Final = ("doi:10.1136/bjsports-2015-095788", "doi:10.1123/ijspp.2019-0864")
WEIGHTS: Final = {"recovery": 60, "load_balance": 25, "rest": 15}
RECENT_DAYS, USUAL_DAYS = 7, 28
RECENT_NEEDED, USUAL_NEEDED = 4, 14
EASY, HARD, TOO_HARD = 0.8, 1.3, 2.0
EASY_PENALTY: Final = 30
MIN_LOAD: Final = 1.0  # a month without any: a walk would be infinitely more

NO_RECOVERY: Final = "There is no recovery score of the day."
NO_STRAIN: Final = "No strain score of yesterday, and too few of the last 28 days."


def readiness_score(recovery: int | None, yesterday: int | None, loads: Mapping[int, float]) -> ScoreResult:
    """Return the score of a day; null without recovery, or without anything known of strain.

    `yesterday` is the strain score of the day before; `loads` are those of days 1 to 28 days back.
    """
    ratio = load_ratio(loads)
    parts = {
        "recovery": recovery,
        "load_balance": None if ratio is None else balance_points(ratio),
        "rest": None if yesterday is None else 100 - yesterday,
    }
    missing = tuple(name for name, value in parts.items() if value is None)
    inputs: dict[str, float] = {"days_with_load": len(loads)}
    if ratio is not None:
        inputs["load_ratio"] = round(ratio, 2)
    if yesterday is not None:
        inputs["strain_of_yesterday"] = yesterday
    if recovery is None or len(missing) == 2:
        reason = NO_RECOVERY if recovery is None else NO_STRAIN
        return ScoreResult("readiness", None, ALGORITHM, VERSION, missing=missing, inputs=inputs, reason=reason)
    score, confidence = weigh(parts, WEIGHTS)
    known = {name: value for name, value in parts.items() if value is not None}
    return ScoreResult("readiness", score, ALGORITHM, VERSION, known, missing, confidence, inputs)


def load_ratio(loads: Mapping[int, float]) -> float | None:
    """Mean load of the last week over that of the last four; by how many days back. None where too few are known."""
    recent = [load for back, load in loads.items() if 1 <= back <= RECENT_DAYS]
    usual = [load for back, load in loads.items() if 1 <= back <= USUAL_DAYS]
    if len(recent) < RECENT_NEEDED or len(usual) < USUAL_NEEDED:
        return None
    return fmean(recent) / max(fmean(usual), MIN_LOAD)


def balance_points(ratio: float) -> int:
    """Return 100 for a week like the month; down to 0 for twice as hard, and to 70 for an idle one."""
    if ratio < EASY:
        return points(100 - EASY_PENALTY * (EASY - ratio) / EASY)
    return points(100 * (TOO_HARD - max(ratio, HARD)) / (TOO_HARD - HARD))
