"""The streams a query reads, with what its rows will say about their source."""

from collections.abc import Sequence
from dataclasses import dataclass

from healthdata.models import Stream
from healthdata.models.series import HOUR_MS


@dataclass(frozen=True, slots=True)
class StreamRef:
    """One stream and its source's names. rank: the place of its series in the order of the answer."""

    id: int
    series: str
    grain: int
    span: int  # hours a chunk covers
    key48: int
    source_id: int
    provider: str
    device: str | None
    device_type: str

    @property
    def is_daily(self) -> bool:
        return self.grain == Stream.Grain.DAILY

    @property
    def order(self) -> tuple[str, int]:
        """Rows of one instant come in this order."""
        return self.series, self.id


def find(user_key: int, series: Sequence[str] | None = None, provider: str | None = None) -> list[StreamRef]:
    """The user's streams of these series (None: of all), in the order of rows of one instant. One query."""
    rows = Stream.objects.select_related("source").filter(user_key=user_key)
    if series is not None:
        rows = rows.filter(series__in=series)
    if provider is not None:
        rows = rows.filter(source__provider=provider)
    refs = [
        StreamRef(
            id=row.id,
            series=row.series,
            grain=row.grain,
            span=row.span,
            key48=row.key48,
            source_id=row.source_id,
            provider=row.source.provider,
            device=row.source.device,
            device_type=row.source.device_type,
        )
        for row in rows
    ]
    return sorted(refs, key=lambda ref: ref.order)


def first_hour(start: int) -> int:
    """The earliest hour at which a chunk that reaches `start` (ms) may begin."""
    return start // HOUR_MS - 23
