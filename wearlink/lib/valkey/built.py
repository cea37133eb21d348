"""Texts that follow from the code alone, made once for all processes of a build and kept in the cache.

    text = built.text("schema", make)     # make() is called where no process of this build has kept one

A build is identified by the files it is made of, so a release, or an edited file, begins another. Without
the cache each process makes its own.
"""

import base64
import gzip
import hashlib
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.cache import cache as shared
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
SECONDS: Final = 30 * 86_400
SOURCES: Final = ("**/*.py", "**/*.md")
FOLDERS: Final = ("accounts", "adminportal", "billing", "docs", "healthdata", "nutrition", "providers", "wearlink")


def text(name: str, make: Callable[[], str]) -> str:
    """Return the text of that name, which `make` makes where no process has."""
    kept = _kept(name)
    if kept is not None:
        return gzip.decompress(base64.b64decode(kept)).decode()
    made = make()
    try:
        shared.set(_key(name), base64.b64encode(gzip.compress(made.encode(), mtime=0)).decode(), SECONDS)
    except RedisError:
        logger.warning("%s could not be kept for other processes", name)
    return made


def is_kept(name: str) -> bool:
    """Tell whether a process has made it already, or there is no cache to ask."""
    try:
        return _key(name) in shared
    except RedisError:
        return True


def _kept(name: str) -> str | None:
    try:
        found: str | None = shared.get(_key(name))
    except RedisError:
        return None
    return found


def _key(name: str) -> str:
    return f"built:{_build()}:{name}"


@cache
def _build() -> str:
    """Digest names, sizes and times of the files, and what the texts say of the installation."""
    digest = hashlib.sha256(settings.BASE_URL.encode())
    base = Path(settings.BASE_DIR)
    for folder in FOLDERS:
        for pattern in SOURCES:
            for path in sorted((base / folder).glob(pattern)):
                stat = path.stat()
                digest.update(f"{path}{stat.st_size}{stat.st_mtime_ns}".encode())
    for path in sorted(base.glob("*.md")):
        digest.update(f"{path}{path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:16]
