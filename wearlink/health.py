"""/healthz (the process is alive) and /readyz (everything that it needs answers)."""

import logging
from collections.abc import Callable
from functools import cache
from http import HTTPStatus

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from wearlink.lib import storage
from wearlink.lib.errors import Unavailable
from wearlink.lib.monitoring import gauges
from wearlink.lib.work import broker

logger = logging.getLogger(__name__)
BROKEN = (DatabaseError, psycopg.Error, broker.BrokerError, Unavailable, OSError)


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Return 200 as long as the process answers at all; looks at nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Return 200 when every part works, else 503; tells each part's state: ok, or in a word what is wrong."""
    parts = states()
    ready = all(state == "ok" for state in parts.values())
    content = {"status": "ok" if ready else "unavailable", "parts": parts, "oldest_due_seconds": _oldest_due()}
    return JsonResponse(content, status=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


def _oldest_due() -> int | None:
    """Return age of the payload that has been due longest: tells of the workers, and is no fault of this process."""
    try:
        age = gauges.read("wearlink_payloads_oldest_due_seconds")
    except BROKEN:
        return None
    return int(age) if isinstance(age, float) else None


def states() -> dict[str, str]:
    """Return the state of each part: "ok", or in a word what is wrong."""
    return {name: _state(name, check) for name, check in CHECKS.items()}


def _state(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except BROKEN as error:
        logger.warning("%s is not ready", name, extra={"data": {"part": name, "error": type(error).__name__}})
        return "unreachable"


def _database() -> str:
    # Written out: any table may be locked; this needs none.
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    broker.ping(settings.REDIS_URL)
    return "ok"


def _objects() -> str:
    storage.check()
    return "ok"


def _migrations() -> str:
    applied = set(MigrationRecorder(connection).migration_qs.values_list("app", "name"))
    missing = len(_known_migrations() - applied)
    return "ok" if not missing else f"{missing} not applied"


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations in the code, read once a process."""
    loader = MigrationLoader(None)
    return frozenset(loader.disk_migrations or ())


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    "objects": _objects,
    "migrations": _migrations,
}
