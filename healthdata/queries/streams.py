"""The streams a query reads, with what its rows will say about their source."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from healthdata.models import Stream
from healthdata.models.series import HOUR_MS


class StreamRef(NamedTuple):
    """One stream and its source's names."""

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


FIND = """
SELECT s.id, s.series, s.grain, s.span, s.key48, s.source_id, src.provider,
       coalesce(nullif(src.name, ''), nullif(src.model, ''), src.apps[1]), src.device_type
FROM healthdata_stream s JOIN healthdata_source src ON src.id = s.source_id
WHERE s.user_key = %s AND (%s::text[] IS NULL OR s.series = ANY(%s::text[])) AND (%s::text IS NULL OR src.provider = %s)
ORDER BY s.id
"""


def find(user_key: int, series: Sequence[str] | None = None, provider: str | None = None) -> list[StreamRef]:
    """The user's streams of these series (None: of all), in the order of rows of one instant. One query.

    Written out, since building it costs the ORM more than the database takes to answer; the device's name is that of
    Source.device.
    """
    codes = None if series is None else list(series)
    with connection.cursor() as cursor:
        cursor.execute(FIND, [user_key, codes, codes, provider, provider])
        return [StreamRef(*row) for row in cursor.fetchall()]


def first_hour(start: int) -> int:
    """The earliest hour at which a chunk that reaches `start` (ms) may begin."""
    return start // HOUR_MS - 23
