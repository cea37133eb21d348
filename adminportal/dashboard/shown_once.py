"""Secrets that the page after a form shows, this once: they wait in the session, encrypted, until it is drawn."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from wearlink.lib.security import crypto

KEPT: Final = "shown_once"


@dataclass(frozen=True, slots=True)
class ShownSecret:
    """A secret to show, with its title and the advice what to do with it."""

    title: str
    secret: str
    advice: str


def keep(request: HttpRequest, shown: ShownSecret) -> None:
    """Store the secret for the next page that takes it."""
    encrypted = crypto.encrypt(shown.secret.encode()).decode()
    request.session[KEPT] = {"title": shown.title, "secret": encrypted, "advice": shown.advice}


def take(request: HttpRequest) -> ShownSecret | None:
    """Return what was kept, which is forgotten by this. None if there is nothing, or it cannot be read any more."""
    kept = request.session.pop(KEPT, None)
    if kept is None:
        return None
    try:
        secret = crypto.decrypt(kept["secret"].encode()).decode()
    except crypto.Undecipherable:
        return None
    return ShownSecret(kept["title"], secret, kept["advice"])
