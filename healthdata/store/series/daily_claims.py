"""The choice between documents' figures of a day: the highest rank, then the vendor's version, then the newest."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from healthdata.models import Origin
from healthdata.records import DailyRecord
from healthdata.store.series.claims import DayKey

DAY_MS: Final = 86_400_000
EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
ClaimKey = tuple[str, str, int]  # provider, external id, stream
FIELDS: Final = ("start_ms", "end_ms", "value", "stage", "version", "zone", "rank", "turn", "rows")


def day_ms(day: date) -> int:
    """UTC midnight of a date in ms: how daily values enter Origin and the ids of the API."""
    return (day.toordinal() - EPOCH_ORDINAL) * DAY_MS


def day_of(origin: Origin) -> date:
    """Return the date of a claim on a daily value."""
    return date.fromordinal(origin.start_ms // DAY_MS + EPOCH_ORDINAL)


@dataclass(slots=True)
class DailyClaims:
    """All claims on some days of some streams, as stored and as the call leaves them."""

    user_key: int
    by_key: dict[ClaimKey, Origin] = field(default_factory=dict)
    by_place: dict[DayKey, dict[ClaimKey, Origin]] = field(default_factory=dict)
    changed: dict[ClaimKey, Origin] = field(default_factory=dict)

    @classmethod
    def load(cls, user_key: int, streams: Iterable[int], days: Iterable[date], ids: Iterable[str]) -> "DailyClaims":
        """Return claims of these days, and of those of which these documents spoke before."""
        claims = cls(user_key)
        of_streams = Origin.objects.filter(user_key=user_key, kind=Origin.Kind.DAILY, target__in=set(streams))
        names = set(ids)
        starts = {day_ms(day) for day in days}
        moving = of_streams.filter(external_id__in=names) if names else of_streams.none()
        starts.update(moving.values_list("start_ms", flat=True))  # where these documents spoke before
        for origin in of_streams.filter(start_ms__in=starts) if starts else ():
            claims._enter(origin)
        return claims

    def say(self, provider: str, record: DailyRecord, stream: int) -> DayKey | None:
        """Note what a document says of a day; returns the place it spoke of before, if that is another.

        What a document says again as it was does not become newer by that.
        """
        key = (provider, record.external_id or "", stream)
        origin = self.by_key.get(key)
        at = day_ms(record.day)
        if origin is None:
            origin = Origin(
                user_key=self.user_key, provider=provider, external_id=key[1], kind=Origin.Kind.DAILY, target=stream
            )
        elif origin.version is not None and record.version is not None and record.version < origin.version:
            return None
        elif (origin.start_ms, origin.value, origin.rank) == (at, record.value, record.rank):
            if (origin.version, origin.zone) != (record.version, record.zone):
                origin.version, origin.zone = record.version, record.zone
                self.changed[key] = origin
            return None
        former = None
        if origin.start_ms is not None and origin.start_ms != at:
            former = (stream, day_of(origin))
            del self.by_place[former][key]
        origin.start_ms = origin.end_ms = at
        origin.value, origin.zone = record.value, record.zone
        origin.version, origin.rank = record.version, record.rank
        rivals = self.by_place.get((stream, record.day), {}).values()
        origin.turn = 1 + max((rival.turn for rival in rivals), default=0)
        self._enter(origin)
        self.changed[key] = origin
        return former

    def standing(self, place: DayKey) -> Origin | None:
        """Return the claim that counts, None where there is none."""
        found = self.by_place.get(place, {}).values()
        return max(found, key=_precedence, default=None)

    def save(self) -> None:
        upsert_origins(list(self.changed.values()))

    def _enter(self, origin: Origin) -> None:
        key = (origin.provider, origin.external_id, origin.target)
        self.by_key[key] = origin
        self.by_place.setdefault((origin.target, day_of(origin)), {})[key] = origin


def _precedence(origin: Origin) -> tuple[int, int, int]:
    return origin.rank, -1 if origin.version is None else origin.version, origin.turn


def upsert_origins(rows: list[Origin]) -> None:
    """Write claims; one of the same document and target is replaced."""
    if not rows:
        return
    Origin.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user_key", "provider", "external_id", "kind", "target"],
        update_fields=FIELDS,
        batch_size=2_000,
    )
