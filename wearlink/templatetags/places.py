"""Links from a page of the installation to its other parts, as far as they exist: documentation, dashboard, admin."""

from functools import cache
from typing import Final, NamedTuple

from django import template
from django.urls import Resolver404, resolve

register = template.Library()
PLACES: Final = (
    ("Documentation", ("/docs", "/docs/")),
    ("API reference", ("/docs/api",)),
    ("Developer portal", ("/dashboard", "/dashboard/")),
)
ADMIN: Final = (("Admin", ("/admin/login/", "/admin")),)


class Place(NamedTuple):
    name: str
    path: str


@register.simple_tag
def places() -> list[Place]:
    """Return the links for the head of each page."""
    return _found(PLACES)


@register.simple_tag
def sign_in_places() -> list[Place]:
    """Return where the logins of the demo are good."""
    return _found((*PLACES[2:], *ADMIN))


@cache
def _found(candidates: tuple[tuple[str, tuple[str, ...]], ...]) -> list[Place]:
    found = []
    for name, paths in candidates:
        known = next((path for path in paths if _is_there(path)), None)
        if known is not None:
            found.append(Place(name, known))
    return found


def _is_there(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
