"""Daily values within a range of instants: each has the time of its date's local midnight."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.models import DailyValue
from healthdata.queries.positions import Item, Position, Range
from healthdata.queries.streams import StreamRef
from healthdata.store.series.daily_claims import DAY_MS, EPOCH_ORDINAL, day_ms

MINUTE_MS = 60_000
MARGIN = timedelta(days=1)  # a local midnight is at most 14 hours away from UTC's


def items(span: Range, wanted: int) -> list[Item]:
    """Return at least the first `wanted` daily items of the range, in order. One query; none without daily streams."""
    refs = {ref.id: ref for ref in span.refs if ref.is_daily}
    if not refs:
        return []
    rows = DailyValue.objects.filter(
        user_key=span.user_key, stream_id__in=refs, day__range=(day_at(span.begin) - MARGIN, day_at(span.end) + MARGIN)
    ).order_by("day", "stream_id")[: wanted + 3 * len(refs)]
    zones = ZoneHistory(user_zones.history(span.user_key))
    found = [item_at(row.day, row.value, row.zone, refs[row.stream_id], zones) for row in rows]
    return sorted((item for item in found if span.holds(item[0])), key=lambda item: item[0])


def item_at(day: date, value: float, zone: int | None, ref: StreamRef, zones: ZoneHistory) -> Item:
    position: Position = (midnight(day, zone, zones), ref.id, 0, 0)
    return position, ref, value, None, zone


def total(user_key: int, refs: Sequence[StreamRef], start: int, end: int) -> int:
    """Return how many daily values there are in [start, end] ms."""
    ids = [ref.id for ref in refs if ref.is_daily]
    if not ids:
        return 0
    first, last = day_at(start), day_at(end)
    rows = DailyValue.objects.filter(user_key=user_key, stream_id__in=ids)
    inside = rows.filter(day__gt=first + MARGIN, day__lt=last - MARGIN).count()
    edge = Q(day__range=(first - MARGIN, first + MARGIN)) | Q(day__range=(last - MARGIN, last + MARGIN))
    zones = ZoneHistory(user_zones.history(user_key))
    return inside + sum(
        start <= midnight(day, zone, zones) <= end for day, zone in rows.filter(edge).values_list("day", "zone")
    )


def midnight(day: date, zone: int | None, zones: ZoneHistory) -> int:
    """Return the instant (ms) at which a local date began: by the row's own zone, else by the user's."""
    return day_ms(day) - zone * MINUTE_MS if zone is not None else zones.bounds(day)[0]


def day_at(ms: int) -> date:
    """Return the UTC date of an instant, clamped to what a date can be."""
    return date.fromordinal(min(max(ms // DAY_MS + EPOCH_ORDINAL, 3), date.max.toordinal() - 3))
