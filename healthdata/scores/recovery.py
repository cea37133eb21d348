"""The recovery score: HRV of the night 50 %, resting heart rate 25 %, sleep 25 %.

HRV and resting heart rate are measured against the end user's own last sixty days (healthdata.scores.baseline): a
usual day has 50 points, and each standard deviation is worth 25. HRV is compared as its logarithm, since it is skewed
(Plews et al. 2014, doi:10.1123/ijspp.2013-0455). SDNN and RMSSD are two measures: a night is compared with nights of
the same measure and provider. A resting heart rate above the usual goes with strain and illness: Alavi et al. 2021,
doi:10.1038/s41591-021-01593-2. The weights are our choice and are what `version` counts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from healthdata.scores.baseline import DAYS_NEEDED, POINTS_A_DEVIATION, USUAL_POINTS, Baseline, baseline
from healthdata.scores.result import ScoreResult, points, weigh

ALGORITHM: Final = "wearlink-recovery"
VERSION: Final = "1.0"
CITATIONS: Final = (
    "doi:10.1123/ijspp.2013-0455",
    "doi:10.1371/journal.pone.0227709",
    "doi:10.1038/s41591-021-01593-2",
)
WEIGHTS: Final = {"hrv": 50, "resting_heart_rate": 25, "sleep": 25}
MIN_HRV_SPREAD: Final = 0.05  # of the logarithm: about 5 %
MIN_RATE_SPREAD: Final = 1.0  # bpm, the step in which vendors tell it

NOTHING_TODAY: Final = "No HRV of the night and no resting heart rate of the day."
NO_BASELINE: Final = f"Fewer than {DAYS_NEEDED} of the last 60 days to compare HRV or resting heart rate with."


@dataclass(frozen=True, slots=True)
class RecoveryInputs:
    """The known inputs of a day and of the days before it. hrv in ms, rates in bpm; None: not measured."""

    hrv: float | None
    earlier_hrv: Sequence[float]  # of the same measure and provider
    resting_rate: float | None
    earlier_resting_rates: Sequence[float]
    sleep_score: int | None


def recovery_score(day: RecoveryInputs) -> ScoreResult:
    """Return the score of a day; null where neither HRV nor resting heart rate can be compared with what is usual."""
    usual_hrv = baseline([math.log(value) for value in day.earlier_hrv], least_spread=MIN_HRV_SPREAD)
    usual_rate = baseline(day.earlier_resting_rates, least_spread=MIN_RATE_SPREAD)
    parts = {
        "hrv": _compared(None if day.hrv is None else math.log(day.hrv), usual_hrv, better=1),
        "resting_heart_rate": _compared(day.resting_rate, usual_rate, better=-1),
        "sleep": day.sleep_score,
    }
    missing = tuple(name for name, value in parts.items() if value is None)
    inputs = _inputs(day, usual_hrv, usual_rate)
    if parts["hrv"] is None and parts["resting_heart_rate"] is None:
        is_silent = day.hrv is None and day.resting_rate is None
        reason = NOTHING_TODAY if is_silent else NO_BASELINE
        return ScoreResult("recovery", None, ALGORITHM, VERSION, missing=missing, inputs=inputs, reason=reason)
    score, confidence = weigh(parts, WEIGHTS)
    known = {name: value for name, value in parts.items() if value is not None}
    return ScoreResult("recovery", score, ALGORITHM, VERSION, known, missing, confidence, inputs)


def _compared(value: float | None, usual: Baseline | None, *, better: int) -> int | None:
    """Return points of a value against what is usual; `better` 1: the higher the better, -1: the lower."""
    if value is None or usual is None:
        return None
    return points(USUAL_POINTS + better * POINTS_A_DEVIATION * usual.deviation(value))


def _inputs(day: RecoveryInputs, usual_hrv: Baseline | None, usual_rate: Baseline | None) -> dict[str, float]:
    found: dict[str, float] = {
        "earlier_hrv_days": len(day.earlier_hrv),
        "earlier_resting_heart_rate_days": len(day.earlier_resting_rates),
    }
    if day.hrv is not None:
        found["hrv_ms"] = round(day.hrv, 1)
    if usual_hrv is not None:
        found["usual_hrv_ms"] = round(math.exp(usual_hrv.mean), 1)
        found["usual_hrv_log_deviation"] = round(usual_hrv.spread, 3)
    if day.resting_rate is not None:
        found["resting_heart_rate_bpm"] = round(day.resting_rate, 1)
    if usual_rate is not None:
        found["usual_resting_heart_rate_bpm"] = round(usual_rate.mean, 1)
        found["usual_resting_heart_rate_deviation_bpm"] = round(usual_rate.spread, 2)
    if day.sleep_score is not None:
        found["sleep_score"] = day.sleep_score
    return found
