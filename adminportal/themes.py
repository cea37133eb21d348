"""The theme that somebody chose for the developers' portal and the documentation, in a cookie that both read."""

from typing import Final

from django.http import HttpRequest

COOKIE: Final = "theme"
THEMES: Final = ("system", "light", "dark")


def theme_of(request: HttpRequest) -> str:
    """Light, dark, or what the system says."""
    wanted = request.COOKIES.get(COOKIE, "")
    return wanted if wanted in THEMES else THEMES[0]
