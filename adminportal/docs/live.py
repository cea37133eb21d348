"""Parts of pages that the running code writes. A page names one by a line of its own: `[[live: coverage]]`."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

from django.conf import settings

from accounts.webhooks import event_types
from accounts.webhooks.event_types import EventType, Level
from adminportal.docs import endpoints
from healthdata import catalogue
from healthdata.catalogue import Series, SeriesKind
from providers import coverage, registry

PLACE: Final = re.compile(r"^\[\[live: (\w+)\]\]$", re.MULTILINE)


def fill(text: str) -> str:
    """Return the Markdown with its live parts. Raises KeyError for a part that nobody makes."""
    return PLACE.sub(lambda found: PARTS[found[1]](), text)


def every_operation() -> str:
    """Return all operations by group, each leading to the reference."""
    lines = []
    for tag, description in endpoints.tags().items():
        lines += ["", f"## {tag}", "", description, "", "| call | what it does |", "|---|---|"]
        for one in endpoints.operations():
            if one.tag == tag:
                lines.append(f"| `{one.method} {one.short}` | {one.summary} |")
    return "\n".join(lines)


def every_event() -> str:
    """Return all event types: sessions with their example, groups and single series as tables."""
    types = event_types.every()
    lines = ["## Sessions and changes of state", ""]
    for one in types:
        if one.level is Level.SESSION:
            lines += _event(one)
    for level, heading in ((Level.GROUP, "Groups of series"), (Level.GRANULAR, "Single series")):
        lines += ["", f"## {heading}", "", "| type | what it tells | |", "|---|---|---|"]
        for one in types:
            if one.level is level:
                lines.append(f"| `{one.name}` | {one.description} | {'sensitive' if one.sensitive else ''} |")
    example = next(one for one in types if one.level is Level.GROUP)
    return "\n".join([*lines, "", "Groups and series have one shape:", "", *_message(example)])


def _event(one: EventType) -> list[str]:
    mark = " **Sensitive.**" if one.sensitive else ""
    return [f"### {one.name}", "", f"{one.description}{mark}", "", *_message(one)]


def _message(one: EventType) -> list[str]:
    message = {"type": one.name, "timestamp": "2026-04-23T10:00:00.118Z", "data": one.example}
    return ["```json", json.dumps(message, indent=2, ensure_ascii=False, default=str), "```", ""]


def coverage_matrix() -> str:
    """Return which provider delivers which series, by category; then workouts, sleep and scores."""
    providers = registry.providers()
    table = coverage.coverage_table()
    by_series = {one["code"]: set(one["providers"]) for one in table["series"]}
    names = [one.name for one in providers.values()]
    lines = []
    for category, found in _by_category(one for one in _stored_series() if one.code in by_series):
        lines += ["", f"## {category}", "", f"| series | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        for one in found:
            marks = ["●" if slug in by_series[one.code] else "" for slug in providers]
            lines.append(f"| `{one.code}` | {' | '.join(marks)} |")
    lines += ["", "## Sessions and scores", "", "| provider | workout types | sleep | scores |", "|---|---|---|---|"]
    for provider in table["providers"]:
        scores = ", ".join(provider["scores"])
        lines.append(
            f"| {provider['name']} | {len(provider['workout_types'])} | {'●' if provider['sleep'] else ''} | {scores} |"
        )
    return "\n".join(lines)


def every_series() -> str:
    """Return the catalogue of series, by category."""
    lines = []
    for category, found in _by_category(_stored_series()):
        lines += ["", f"### {category}", "", "| series | unit | in a bucket | |", "|---|---|---|---|"]
        for one in found:
            lines.append(f"| `{one.code}` | {one.unit} | {one.aggregation} | {one.description} |")
    lines += ["", "### Names for several series", "", "| name | includes | |", "|---|---|---|"]
    for one in catalogue.SERIES.values():
        if one.is_umbrella:
            members = ", ".join(f"`{code}`" for code in one.members)
            lines.append(f"| `{one.code}` | {members} | {one.description} |")
    return "\n".join(lines)


def changelog() -> str:
    text = (Path(settings.BASE_DIR) / "CHANGELOG.md").read_text(encoding="utf-8")
    return text.partition("\n")[2]


def _stored_series() -> list[Series]:
    return [one for one in catalogue.SERIES.values() if one.kind is not SeriesKind.UMBRELLA]


def _by_category(series: Iterable[Series]) -> list[tuple[str, list[Series]]]:
    ordered = sorted(series, key=lambda one: (one.category, one.code))
    found = groupby(ordered, key=lambda one: one.category)
    return [(name.replace("_", " ").capitalize(), list(rows)) for name, rows in found]


PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "operations": every_operation,
    "events": every_event,
    "coverage": coverage_matrix,
    "series": every_series,
    "changelog": changelog,
}
