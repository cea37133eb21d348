"""The platform's state: sizes of the database, the cache's server, queues, the object store, the age of beat."""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection

from adminportal.platform import jobs
from wearlink import health
from wearlink.lib import clock
from wearlink.lib.monitoring import gauges
from wearlink.lib.work import broker

MAX_TABLES: Final = 15  # tables shown
BEAT_LATE_SECONDS: Final = 120
# Written out: the server's own catalogue.
_TABLES: Final = """
    SELECT relname, pg_total_relation_size(relid), GREATEST(n_live_tup, 0), n_dead_tup
    FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC LIMIT %s
"""
_DATABASE: Final = """
    SELECT pg_database_size(current_database()), current_setting('server_version'),
           (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
           current_setting('max_connections')::int
"""


def state() -> dict[str, Any]:
    """Return every part with its figures; a part that does not answer says so and keeps nothing from the others."""
    parts, seen = health.states(), jobs.beat_seen_at()
    beat = {"last_seen_at": seen, "age_seconds": _age(seen)}
    is_late = seen is None or (clock.now() - seen).total_seconds() > BEAT_LATE_SECONDS
    well = not is_late and all(word == "ok" for word in parts.values())
    return {
        "status": "ok" if well else "degraded",
        "parts": {**parts, "beat": "late" if is_late else "ok"},
        "database": database(),
        "redis": cache_server(),
        "queues": queues(),
        "object_store": {"kind": "s3" if settings.S3_BUCKET else "directory", "reachable": parts["objects"] == "ok"},
        "beat": beat,
        "figures": figures(),
    }


def database() -> dict[str, Any]:
    """Sizes in bytes; numbers of rows are PostgreSQL's estimates."""
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE)
        size, version, connections, most = cursor.fetchone()
        cursor.execute(_TABLES, [MAX_TABLES])
        tables = cursor.fetchall()
    names = ("name", "size_bytes", "rows", "dead_rows")
    return {
        "size_bytes": size,
        "version": version,
        "connections": connections,
        "max_connections": most,
        "tables": [dict(zip(names, row, strict=True)) for row in tables],
    }


def cache_server() -> dict[str, Any] | None:
    """Return what the server of cache and queues says of itself; None where it does not answer."""
    try:
        return broker.state(settings.REDIS_URL)
    except broker.BrokerError:
        return None


def queues() -> dict[str, int]:
    """Return messages waiting, by queue; nothing where they cannot be counted."""
    try:
        found = gauges.read("wearlink_queue_depth")
    except broker.BrokerError:
        return {}
    return {} if found is None or isinstance(found, float | int) else {name: int(n) for name, n in found.items()}


def figures() -> dict[str, float]:
    """Return the figures of /metrics that are one number, without the prefix."""
    found: dict[str, float] = {}
    for gauge in gauges.registered():
        if gauge.label:
            continue
        reading = gauge.read()
        if isinstance(reading, float | int):
            found[gauge.name.removeprefix("wearlink_")] = reading
    return found


def _age(moment: datetime | None) -> int | None:
    return None if moment is None else max(int((clock.now() - moment).total_seconds()), 0)
