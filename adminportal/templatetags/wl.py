"""Tags and filters of the portals' pages."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from adminportal.kit import formats
from wearlink.lib import clock

register = template.Library()
MARKS: Final = {"ok": "●", "warn": "▲", "bad": "✕", "info": "◆", "idle": "○"}
LATELY: Final = timedelta(days=1)

register.filter("num", formats.number)
register.filter("pct", formats.percent)
register.filter("bytes", formats.size)
register.filter("dur", formats.duration)


@register.filter
def fig(value: float | None) -> str:
    """Return ``8,412`` or ``61.375``."""
    return formats.figure(value)


@register.filter
def fine(value: float | None) -> str:
    """Return two decimals: ``1,024.50``."""
    return formats.number(value, digits=2)


@register.filter
def usd(value: float | None) -> str:
    """Return ``$ 99.00``."""
    return formats.money(value)


@register.filter
def inr(value: float | None) -> str:
    """Return ``₹ 8,316.00``."""
    return formats.money(value, "₹")


@register.filter
def room(limit: int | None) -> str:
    """Return what a plan allows, beside what is used."""
    return "no limit" if limit is None else f"of {formats.number(limit)}"


@register.filter
def spaced(text: str) -> str:
    """Return a word of the API as people write it: ``last sync``."""
    return text.replace("_", " ")


@register.filter
def km(metres: float | None) -> str:
    """Return ``5.20 km``."""
    return formats.number(None if metres is None else metres / 1000, "km", 2)


@register.filter
def pace(seconds: float | None) -> str:
    """Return ``6:44 /km``."""
    return formats.MISSING if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02} /km"


@register.filter
def short(value: Any) -> str:
    """Return the first eight characters of an id."""
    return str(value)[:8]


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """Return a moment in the viewer's zone, in words if it is near; UTC on hover and on focus."""
    if moment is None:
        return formats.MISSING
    utc = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    here = timezone.localtime(moment)
    near = abs(clock.now() - moment) < LATELY
    words = formats.ago(moment) if near else f"{here.day} {here:%b %Y, %H:%M}"
    return format_html(
        '<time datetime="{}" title="{}" tabindex="0">{}</time>', moment.isoformat(), f"{here:%H:%M} · {utc}", words
    )


@register.inclusion_tag("wl/status.html")
def status(kind: str, word: str) -> dict[str, str]:
    """Return a mark and a word; kind is ok, warn, bad, info or idle."""
    return {"kind": kind, "word": word, "mark": MARKS[kind]}
