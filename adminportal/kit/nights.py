"""A night as rows of stages, drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adminportal.kit.formats import duration

ROWS: Final = (("awake", "Awake"), ("rem", "REM"), ("light", "Light"), ("deep", "Deep"))
UNSTAGED: Final = ("sleeping", "Asleep")
ROW_HEIGHT: Final = 34
BAR_HEIGHT: Final = 26

StageSpan = tuple[int, int, str]  # start and end in ms, stage


@dataclass(frozen=True, slots=True)
class StageBar:
    """A stretch of one stage; x and width in per cent of the night, y in pixels."""

    x: float
    y: float
    width: float
    stage: str
    words: str


@dataclass(frozen=True, slots=True)
class NightStage:
    """A stage with its share of the night."""

    stage: str
    title: str
    y: float
    duration: str


@dataclass(frozen=True, slots=True)
class Hypnogram:
    rows: list[NightStage]
    bars: list[StageBar]
    height: int
    summary: str


def hypnogram(stages: Sequence[StageSpan], clock_of: dict[int, str]) -> Hypnogram | None:
    """Return rows from awake down to deep, with what there is of each; clock_of: instant → local time. None without
    stages.
    """
    if not stages:
        return None
    known = {stage for _, _, stage in stages}
    shown = [row for row in (*ROWS, UNSTAGED) if row[0] in known or (row in ROWS and known - {"sleeping", "awake"})]
    places = {stage: place for place, (stage, _) in enumerate(shown)}
    first, last = stages[0][0], max(end for _, end, _ in stages)
    bars, spent = [], dict.fromkeys(places, 0)
    for start, end, stage in stages:
        if stage not in places:
            continue
        spent[stage] += end - start
        words = f"{shown[places[stage]][1]}, {clock_of[start]} to {clock_of[end]}"
        left = 100 * (start - first) / (last - first)
        width = max(100 * (end - start) / (last - first), 0.15)
        bars.append(StageBar(round(left, 3), places[stage] * ROW_HEIGHT + 4, round(width, 3), stage, words))
    rows = [
        NightStage(stage, title, places[stage] * ROW_HEIGHT + 21, duration(spent[stage] / 1000))
        for stage, title in shown
    ]
    summary = ", ".join(f"{row.title} {row.duration}" for row in rows)
    return Hypnogram(rows, bars, len(shown) * ROW_HEIGHT, summary)
