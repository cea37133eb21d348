"""The strain score: what a day asked of the heart.

- The load is Banister's TRIMP: minutes × share of the heart-rate reserve × a weight that grows with it, summed over all
  minutes of the day in which the heart rate is known. His weights differ for women and men; sex is unknown, so the
  mean of both counts.
- Minutes below 30 % of the reserve are no exercise, and add nothing: Garber et al. 2011 (ACSM),
  doi:10.1249/MSS.0b013e318213fefb; the borders of light, moderate, vigorous and near-maximal are theirs.
- The reserve lies between the resting heart rate of the day (else the median of what is usual) and the end user's own
  maximum: what their heart reached on two days of the last 180, since one odd reading is no maximum. Below
  ASSUMED_MAXIMUM nobody has shown their maximum, so that is used and named in `missing`. It is the mean of people
  of forty: 208 - 0.7 × age, Tanaka et al. 2001, doi:10.1016/S0735-1097(00)01054-8.
The curve from load to score is our choice and is what `version` counts: an hour at 75 % of the reserve is about 57.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from healthdata.scores.result import ScoreResult, points

ALGORITHM: Final = "wearlink-strain"
VERSION: Final = "1.0"
CITATIONS: Final = (
    "Banister 1991, in: Physiological Testing of Elite Athletes",
    "doi:10.1249/MSS.0b013e318213fefb",
    "doi:10.1016/S0735-1097(00)01054-8",
)
MEN: Final = (0.64, 1.92)  # factor and exponent of Banister's weight
WOMEN: Final = (0.86, 1.67)
MAXIMUM_DAYS: Final = 180
PEAK_MS: Final = 60_000  # how long a day must have held a rate for it to be that day's peak
ASSUMED_MAXIMUM: Final = 180
INTENSITIES: Final = (("light", 0.30), ("moderate", 0.40), ("vigorous", 0.60), ("near_maximal", 0.90))
FULL_LOAD: Final = 150.0  # at which 63 of 100 points are reached
MINUTES_NEEDED: Final = 600  # of heart rate: a day of wear, as for the figures of days
MINUTE_MS: Final = 60_000
UNOBSERVED: Final = "maximum_heart_rate"
ASSUMED_CONFIDENCE: Final = 0.7

TOO_LITTLE: Final = f"Heart rate is known of fewer than {MINUTES_NEEDED} minutes of the day."
NO_RESTING_RATE: Final = "No resting heart rate of the day or of the last 60 days."


@dataclass(frozen=True, slots=True)
class StrainInputs:
    """Time (ms) at each whole heart rate of a day, and what frames it; rates in bpm."""

    time_at: Mapping[int, float]
    resting_rate: float | None
    earlier_resting_rates: Sequence[float]
    peaks: Sequence[int]  # of the last MAXIMUM_DAYS days, this one included


def peak(time_at: Mapping[int, float]) -> int:
    """Return the highest rate that was held, or passed, for a minute of the day; 0 of a day that has no minute."""
    held = 0.0
    for rate in sorted(time_at, reverse=True):
        held += time_at[rate]
        if held >= PEAK_MS:
            return rate
    return 0


def maximum(peaks: Sequence[int]) -> int | None:
    """Return the highest rate that two days reached; None where that is below ASSUMED_MAXIMUM."""
    ordered = sorted(peaks, reverse=True)
    observed = ordered[1] if len(ordered) > 1 else 0
    return observed if observed >= ASSUMED_MAXIMUM else None


def weight(reserve: float) -> float:
    """Return what a minute at a share of the reserve counts, before the share itself."""
    return sum(factor * math.exp(exponent * reserve) for factor, exponent in (MEN, WOMEN)) / 2


def strain_score(day: StrainInputs) -> ScoreResult:
    """Return the score of a day; null where heart rate or resting heart rate are missing."""
    minutes = sum(day.time_at.values()) / MINUTE_MS
    resting = day.resting_rate
    if resting is None and day.earlier_resting_rates:
        resting = median(day.earlier_resting_rates)
    inputs = {"heart_rate_minutes": float(round(minutes))}
    lacking = {"heart_rate": minutes < MINUTES_NEEDED, "resting_heart_rate": resting is None}
    if resting is None or lacking["heart_rate"]:
        missing = tuple(name for name, is_so in lacking.items() if is_so)
        reason = TOO_LITTLE if lacking["heart_rate"] else NO_RESTING_RATE
        return ScoreResult("strain", None, ALGORITHM, VERSION, missing=missing, inputs=inputs, reason=reason)
    observed = maximum(day.peaks)
    top = observed or ASSUMED_MAXIMUM
    loads, spent = _by_intensity(day.time_at, resting, top)
    load = sum(loads.values())
    score = points(100 * (1 - math.exp(-load / FULL_LOAD)))
    inputs |= {"resting_heart_rate_bpm": round(resting, 1), "maximum_heart_rate_bpm": top, "load": round(load, 1)}
    return ScoreResult(
        category="strain",
        score=score,
        algorithm=ALGORITHM,
        version=VERSION,
        components=_shared_out(score, loads),
        missing=() if observed else (UNOBSERVED,),
        confidence=1.0 if observed else ASSUMED_CONFIDENCE,
        inputs=inputs | {f"{name}_minutes": float(round(ms / MINUTE_MS)) for name, ms in spent.items()},
    )


def _by_intensity(
    time_at: Mapping[int, float], resting: float, top: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Load, and time in ms, at each intensity."""
    loads, spent = (dict.fromkeys((name for name, _ in INTENSITIES), 0.0) for _ in range(2))
    for rate, ms in time_at.items():
        reserve = min(1.0, (rate - resting) / (top - resting)) if top > resting else 0.0
        names = [name for name, least in INTENSITIES if reserve >= least]
        if names:
            loads[names[-1]] += ms / MINUTE_MS * reserve * weight(reserve)
            spent[names[-1]] += ms
    return loads, spent


def _shared_out(score: int, loads: Mapping[str, float]) -> dict[str, int]:
    """Return the score's points by what each intensity gave to the load: whole, and adding up to the score."""
    load = sum(loads.values())
    if not load:
        return dict.fromkeys(loads, 0)
    exact = {name: score * part / load for name, part in loads.items()}
    whole = {name: int(value) for name, value in exact.items()}
    by_rest = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in by_rest[: score - sum(whole.values())]:
        whole[name] += 1
    return whole
