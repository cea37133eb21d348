"""Rows of our own scores, kept in step with what they are computed from.

A score that is null emits no event: it counts as created once it is a number, and as deleted once it
is none any more. Its `inputs` may change without the score; such a change is written and not emitted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from healthdata.models import HealthScore
from healthdata.scores.result import PROVIDER, ScoreResult
from healthdata.store import scores
from healthdata.store.result import Changes

_UPDATED: Final = (
    "score",
    "source",
    "components",
    "missing",
    "confidence",
    "algorithm",
    "algorithm_version",
    "zone",
    "inputs",
    "reason",
)
Origin = tuple[int | None, int | None]  # the source it is about, and the zone that it stated


@dataclass(frozen=True, slots=True)
class DayScores:
    """All scores of one category for the days first..last; other days of these have none."""

    category: str
    first: date
    last: date
    scores: Mapping[date, ScoreResult]
    origins: Mapping[date, Origin] = field(default_factory=dict)


def keep(user_key: int, wanted: DayScores, changes: Changes) -> None:
    """Create, update and delete rows so that the range holds exactly these scores; notes which changes to emit."""
    days = (wanted.first, wanted.last)
    found = HealthScore.objects.filter(
        user_key=user_key, provider=PROVIDER, category=wanted.category, day__range=days
    ).order_by("day")
    stored = {row.day: row for row in found}
    pointless = [row for day, row in stored.items() if day not in wanted.scores]
    HealthScore.objects.filter(pk__in=[row.pk for row in pointless]).delete()
    changes.scores_deleted += [scores.removed(row) for row in pointless if row.score is not None]
    created, updated = [], []
    for day, score in wanted.scores.items():
        row = stored.get(day)
        values = columns(score, wanted.origins.get(day, (None, None)))
        if row is None:
            row = HealthScore(user_key=user_key, provider=PROVIDER, category=wanted.category, day=day, **values)
            created.append(row)
        elif fill(row, values, changes):
            updated.append(row)
    HealthScore.objects.bulk_create(created, batch_size=500)
    # an upsert of rows that are there: bulk_update would write a CASE a row and column
    HealthScore.objects.bulk_create(
        updated, update_conflicts=True, unique_fields=["key"], update_fields=_UPDATED, batch_size=500
    )
    changes.scores_created += [row.pk for row in created if row.score is not None]


def columns(score: ScoreResult, origin: Origin) -> dict[str, object]:
    """Return a score as its row has it."""
    return {
        "score": None if score.score is None else float(score.score),
        "range_min": float(score.range_min),
        "range_max": float(score.range_max),
        "source_id": origin[0],
        "zone": origin[1],
        "components": dict(score.components),
        "missing": list(score.missing),
        "confidence": score.confidence,
        "algorithm": score.algorithm,
        "algorithm_version": score.version,
        "inputs": dict(score.inputs),
        "reason": score.reason,
    }


def fill(row: HealthScore, values: Mapping[str, object], changes: Changes) -> bool:
    """Copy the values into the row; says whether anything differed."""
    differing = [name for name, value in values.items() if getattr(row, name) != value]
    before = row.score
    for name in differing:
        setattr(row, name, values[name])
    if before is None and row.score is not None:
        changes.scores_created.append(row.pk)
    elif before is not None and row.score is None:
        changes.scores_deleted.append(scores.removed(row))
    elif row.score is not None and set(differing) - {"inputs"}:
        changes.scores_updated.append(row.pk)
    return bool(differing)
