"""A message that the connect page shows once: how the sign-in ended.

It comes in a cookie of ours, which ends when it is read: an address could be made up, and would say it again at every
reload.
"""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from providers.vendor_api import credentials
from providers.widget.endings import ENDINGS, ending_of

CONNECTED: Final = "connected"
ENDED: Final = "ended"
SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class OnceMessage:
    """tone: ok, idle or bad; code: empty where nothing went wrong."""

    text: str
    tone: str
    code: str = ""


def say(response: HttpResponse, slug: str, what: str) -> None:
    """Let the next page say it. what: `connected`, `ended`, or the code of an ending."""
    _set(response, f"{slug}.{what}", SECONDS)


def take(request: HttpRequest) -> OnceMessage | None:
    """Return what is to be said; None for nothing, or nothing that we would say."""
    slug, _, what = request.COOKIES.get(_name(), "").partition(".")
    name = next((provider.name for provider in credentials.all_clouds() if provider.slug == slug), "")
    if not name:
        return None
    if what == CONNECTED:
        return OnceMessage(f"{name} is connected.", "ok")
    if what == ENDED:
        return OnceMessage(f"{name} is disconnected.", "ok")
    if what not in ENDINGS:
        return None
    ending = ending_of(what)
    return OnceMessage(
        f"{name}: {ending.sentence}", "bad" if ending.is_fault else "idle", what if ending.is_fault else ""
    )


def forget(response: HttpResponse) -> None:
    _set(response, "", 0)


def _name() -> str:
    return f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}wl-once"


def _set(response: HttpResponse, value: str, seconds: int) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(_name(), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Lax")
