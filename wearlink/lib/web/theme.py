"""The theme that somebody chose, in a cookie of their browser: portal, documentation and reference draw it at once."""

from typing import Final

from django.http import HttpRequest

COOKIE: Final = "theme"
THEMES: Final = ("system", "light", "dark")


def theme_of(request: HttpRequest) -> str:
    """Light, dark, or what the system says."""
    wanted = request.COOKIES.get(COOKIE, "")
    return wanted if wanted in THEMES else THEMES[0]


def in_templates(request: HttpRequest) -> dict[str, object]:
    """Return the theme and the other choices, for every template (a context processor)."""
    return {"theme": theme_of(request), "themes": THEMES}
