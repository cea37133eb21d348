"""An end user's sources, as answers name them."""

from typing import NamedTuple

from wearlink.lib.postgres import prepared

# Written out: `make bench`, summaries/activity, 30 days: p50.
_SOURCES = """
SELECT id, uid::text, provider, coalesce(nullif(label, ''), nullif(name, ''), nullif(model, ''), apps[1]), device_type
FROM healthdata_source WHERE user_key = %s
"""


class SourceRef(NamedTuple):
    """One source; `device` as Source.device has it."""

    id: int
    uid: str
    provider: str
    device: str | None
    device_type: str


def sources_of(user_key: int) -> dict[int, SourceRef]:
    """Return all sources by their internal id. One query."""
    with prepared() as cursor:
        cursor.execute(_SOURCES, [user_key])
        return {row[0]: SourceRef(*row) for row in cursor.fetchall()}
