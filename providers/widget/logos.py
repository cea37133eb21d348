"""The marks of providers: logo.svg in an adapter's folder, else its first letter."""

from functools import cache
from importlib.resources import files

from django.utils.html import escape

from providers import registry
from wearlink.lib.errors import NotFound

LETTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="8" fill="#e9edf2"/>'
    '<text x="18" y="24" text-anchor="middle" font-family="system-ui,sans-serif" font-size="17" font-weight="600" '
    'fill="#151a24">{}</text></svg>'
)


@cache
def logo_svg(slug: str) -> bytes:
    """Return the SVG. Raises NotFound for a provider that is none."""
    provider = registry.providers().get(slug)
    if provider is None:
        raise NotFound("There is no such provider.")
    mark = files(type(provider).__module__.rpartition(".")[0]).joinpath("logo.svg")
    return mark.read_bytes() if mark.is_file() else LETTER.format(escape(provider.name[:1])).encode()
