"""The model's quality, by the decisions of reviewers: figures behind the thresholds of nutrition.photos.judgement."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Final

from nutrition.models import MealReview
from nutrition.models.review import ReviewDecision, ReviewReason
from wearlink.lib import clock

BINS: Final = (0.0, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
_DECIDED: Final = (ReviewDecision.APPROVED, ReviewDecision.REJECTED)


@dataclass(frozen=True, slots=True)
class DecidedReview:
    """The facts of one decided review that count."""

    reason: str
    agreed: bool | None
    confidence: float | None
    corrected: dict[str, int]
    items_of_model: int
    seconds: float | None
    decision: str
    rejection_reason: str


def quality(days: int, now: datetime | None = None) -> dict[str, Any]:
    """Return figures over the reviews decided in the last days. One query, and one for what is open."""
    now = now or clock.now()
    rows = MealReview.objects.filter(decided_at__gte=now - timedelta(days=days), decision__in=_DECIDED)
    found = [
        DecidedReview(reason, agreed, confidence, corrected, items, _seconds(claimed_at, decided_at), *decided)
        for reason, agreed, confidence, corrected, items, claimed_at, decided_at, *decided in rows.values_list(
            "reason",
            "agreed",
            "log__confidence_score",
            "corrected",
            "items_of_model",
            "claimed_at",
            "decided_at",
            "decision",
            "rejection_reason",
        )
    ]
    times = [one.seconds for one in found if one.seconds is not None]
    waiting = list(MealReview.objects.open().order_by("queued_at").values_list("queued_at", flat=True))
    return {
        "days": days,
        "reviewed": len(found),
        "agreement": _agreement([one for one in found if one.reason == ReviewReason.SAMPLE]),
        "calibration": _calibration(found),
        "corrections": _corrections(found),
        "rejections": dict(sorted(Counter(one.rejection_reason for one in found if _is_rejected(one)).items())),
        "median_handling_seconds": round(median(times), 1) if times else None,
        "open": len(waiting),
        "oldest_open_seconds": round((now - waiting[0]).total_seconds()) if waiting else None,
    }


def _is_rejected(one: DecidedReview) -> bool:
    return one.decision == ReviewDecision.REJECTED


def _seconds(claimed_at: datetime | None, decided_at: datetime | None) -> float | None:
    return (decided_at - claimed_at).total_seconds() if claimed_at and decided_at else None


def _agreement(sampled: Sequence[DecidedReview]) -> dict[str, Any]:
    """Return how often the model agreed with a second, blind reading of accepted logs."""
    judged = [one.agreed for one in sampled if one.agreed is not None]
    return {"sampled": len(judged), "agreed": sum(judged), "share": _share(sum(judged), len(judged))}


def _calibration(found: Sequence[DecidedReview]) -> list[dict[str, Any]]:
    """Return how often the answer was right, by the model's own confidence. Above the accept threshold only samples
    tell.
    """
    lines = []
    for low, high in pairwise(BINS):
        inside = [
            one.agreed
            for one in found
            if one.agreed is not None and one.confidence is not None and _is_in(one.confidence, low, high)
        ]
        line = {"from": low, "to": high, "logs": len(inside), "stood": sum(inside)}
        lines.append({**line, "share": _share(sum(inside), len(inside))})
    return lines


def _is_in(confidence: float, low: float, high: float) -> bool:
    return low <= confidence < high or (confidence == high == BINS[-1])


def _corrections(found: Sequence[DecidedReview]) -> dict[str, dict[str, Any]]:
    """Return how many of the model's items were changed in a field; blind answers are no corrections."""
    read = [one for one in found if one.reason != ReviewReason.SAMPLE and one.items_of_model]
    items, changed = sum(one.items_of_model for one in read), Counter[str]()
    for one in read:
        changed.update(one.corrected)
    return {name: {"items": n, "rate": _share(n, items)} for name, n in sorted(changed.items())}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
