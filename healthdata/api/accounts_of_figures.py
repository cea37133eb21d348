"""The account of a figure, as the activity summary shows it."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from healthdata import serializers
from healthdata.figures.explain import SENTENCES, ExplainedDay, ExplainedFigure, is_anything, series_of
from healthdata.merge import Share
from healthdata.metrics import TIMED
from healthdata.queries.sources import SourceRef
from wearlink.lib.clock import rfc3339

DIGITS: Final = 3  # so that it adds up by hand


def explained(user_id: str, day: ExplainedDay, sources: Mapping[int, SourceRef]) -> dict[str, Any]:
    """Return the accounts of a day by field name."""
    return {field: _figure(user_id, day, one, sources) for field, one in day.figures.items()}


def _figure(user_id: str, day: ExplainedDay, one: ExplainedFigure, sources: Mapping[int, SourceRef]) -> dict[str, Any]:
    shares = [share for share in one.figure.shares if is_anything(share)]
    return {
        "rule": one.metric.rule.value,
        "version": one.version,
        "value": serializers.figure(one.figure.value, DIGITS),
        "unit_of_shares": "minutes" if one.metric.rule in TIMED else "value",
        "coverage_minutes": one.figure.coverage_minutes,
        "min_coverage": one.min_coverage,
        "is_shown": one.is_shown,
        "sources": [
            _share(user_id, day, one, share, sources[share.source_id], place) for place, share in enumerate(shares, 1)
        ],
    }


def _share(
    user_id: str, day: ExplainedDay, one: ExplainedFigure, share: Share, source: SourceRef, place: int
) -> dict[str, Any]:
    return {
        "id": source.uid,
        "provider": source.provider,
        "device": source.device,
        "device_type": source.device_type or None,
        "place": place,
        "kept": serializers.figure(share.kept, DIGITS),
        "left_out": serializers.figure(share.left_out, DIGITS),
        "minutes": serializers.figure(share.minutes, 1),
        "is_daily_total": share.is_total,
        "reasons": [
            {"reason": reason.value, "amount": serializers.figure(amount, DIGITS), "detail": SENTENCES[reason]}
            for reason, amount in share.reasons.items()
        ],
        "samples": _samples(user_id, day, one, source),
    }


def _samples(user_id: str, day: ExplainedDay, one: ExplainedFigure, source: SourceRef) -> str:
    """Return where the samples behind a share are listed."""
    query = {
        "start_time": rfc3339(day.start),
        "end_time": rfc3339(day.end),
        "types": ",".join(series_of(one.metric)),
        "source": source.uid,
    }
    return f"/api/v1/users/{user_id}/timeseries?{urlencode(query)}"
