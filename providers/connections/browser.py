"""The browser that sets out for a vendor is the one that must come back: a cookie says so.

There is one cookie a sign-in, so that two of them in one browser do not take each other's place. It carries the hash
of the state, which the address at the vendor does not give away.
"""

from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.http import HttpResponse

from providers.connections.oauth import STATE_LIFETIME, hash_state

_SHOWN: Final = 8


def cookie_name(state: str) -> str:
    """Return a name that only our own host can set, and only over TLS; plain on a desk without TLS."""
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{prefix}wl-connect-{hash_state(state).hex()[:_SHOWN]}"


def remember(response: HttpResponse, state: str) -> None:
    """Mark the browser that this answer goes to."""
    _set(response, state, hash_state(state).hex(), int(STATE_LIFETIME.total_seconds()))


def forget(response: HttpResponse, state: str) -> None:
    _set(response, state, "", 0)


def has_set_out(cookies: Mapping[str, str], state: str) -> bool:
    """Return whether this browser set out with the state."""
    return cookies.get(cookie_name(state)) == hash_state(state).hex()


def _set(response: HttpResponse, state: str, value: str, seconds: int) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(
        cookie_name(state), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Lax"
    )
