"""An order of sources as a form shows it and sends it back: moved by arrows or by the pointer, some left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import QueryDict

from adminportal.dashboard.figure_titles import TITLES
from healthdata.figures.preview import PreviewedFigure
from healthdata.merge.preferences import WILDCARD
from healthdata.metrics import METRICS

CHANGES_SHOWN: Final = 60
METRIC_TITLES: Final = {
    WILDCARD: "Every figure",
    **{metric.name: TITLES[metric.field][0] for metric in METRICS if metric.field in TITLES},
    "sleep": "Which night counts, of several",
    "workouts": "Which workout counts, of several",
}


@dataclass(frozen=True, slots=True)
class OrderedSource:
    """An entry of an order: saved_as is its name there; is_out: it counts for nothing."""

    uid: str
    name: str
    kind: str
    saved_as: str
    is_out: bool = False


@dataclass(frozen=True, slots=True)
class SourceOrder:
    """The order of one metric as the form has it. is_own: there is one of its own for it at this place.

    min_coverage: the least minutes of a day for which its figure is shown, as it was entered. is_open: not everything
    need be named; others may be added, and what is named dropped.
    """

    metric: str
    title: str
    sources: list[OrderedSource]
    is_own: bool
    min_coverage: str = ""
    is_open: bool = False
    others: Sequence[OrderedSource] = ()

    @property
    def to_save(self) -> Any:
        """Return the value of the column source_priority."""
        names = [f"{'-' if one.is_out else ''}{one.saved_as}" for one in self.sources]
        return {"order": names, "min_coverage": self.min_coverage} if self.min_coverage else names


def metric_of(text: str) -> str:
    """Return a metric that an address or a form names, else every figure."""
    return text if text in METRIC_TITLES else WILDCARD


def coverage_of(stated: Any) -> str:
    """Return the least minutes that a saved order asks for; empty where it asks for none."""
    return str(stated.get("min_coverage", "")) if isinstance(stated, dict) else ""


def posted(form: QueryDict, known: SourceOrder) -> SourceOrder:
    """Return the form's order of known sources, after one act of its buttons (`move`)."""
    by_uid = {one.uid: one for one in [*known.sources, *known.others]}
    uids = [uid for uid in dict.fromkeys(form.getlist("order")) if uid in by_uid]
    if not known.is_open:
        uids += [one.uid for one in known.sources if one.uid not in uids]
    act, _, moved = form.get("move", "").partition(":")
    if act == "add":
        moved = form.get("added", "")
        uids += [moved] if moved in by_uid and moved not in uids else []
    elif moved in uids:
        at = uids.index(moved)
        uids.pop(at)
        if act != "drop" or not known.is_open:
            uids.insert(max(at - 1, 0) if act == "up" else at + 1, moved)
    out = set(form.getlist("out"))
    ordered = [replace(by_uid[uid], is_out=uid in out) for uid in uids]
    others = [one for one in [*known.sources, *known.others] if one.uid not in uids]
    return replace(known, sources=ordered, min_coverage=form.get("min_coverage", "").strip(), others=others)


def named(changes: Sequence[PreviewedFigure]) -> list[tuple[str, PreviewedFigure]]:
    """Return the newest of them, with the figure's title."""
    newest = sorted(changes, key=lambda one: one.day, reverse=True)[:CHANGES_SHOWN]
    return [(TITLES.get(one.metric, (one.metric, ""))[0], one) for one in newest]
