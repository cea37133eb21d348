"""Public keys that vendors sign their pushes with, fetched from where they publish them and remembered for a while."""

import logging
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from wearlink.lib.net import http
from wearlink.lib.net.http import PartnerUnreachable

REMEMBERED: Final = 6 * 3600.0  # seconds; vendors change their keys about once a month, and announce new ones before
PAUSE: Final = 60.0  # between two calls, however many pushes name a key that nobody knows
MAX_BYTES: Final = 256 * 1024
READ_TIMEOUT: Final = 5.0  # a vendor waits for our answer meanwhile
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class HeldKeySet:
    """The key set fetched last, and when fetching was last tried (monotonic seconds)."""

    text: str = ""
    tried_at: float = float("-inf")


_held: dict[str, HeldKeySet] = {}
_lock = threading.Lock()


def key_set(url: str, *, fresh: bool = False) -> str:
    """Return what is published there; empty if it never answered. fresh: a push names a key that is not in what we
    hold.
    """
    with _lock:
        held = _held.setdefault(url, HeldKeySet())
        is_due = time.monotonic() - held.tried_at > (PAUSE if fresh or not held.text else REMEMBERED)
        if is_due:
            held.tried_at = time.monotonic()
    if is_due:  # outside the lock: other threads use the held key set meanwhile
        held.text = _fetch(url) or held.text
    return held.text


def forget() -> None:
    """Forget all key sets, as at the start of a process."""
    with _lock:
        _held.clear()


def _fetch(url: str) -> str:
    """Return an empty text if it cannot be had."""
    try:
        with http.request("GET", url, stream=True, read_timeout=READ_TIMEOUT) as answer:
            if answer.status_code != HTTPStatus.OK:
                return ""
            body = b""
            for piece in http.pieces(answer, 16 * 1024):
                body += piece
                if len(body) > MAX_BYTES:
                    return ""
    except PartnerUnreachable as error:
        logger.warning("A vendor's keys could not be had: %s", error)
        return ""
    return body.decode(errors="replace")
