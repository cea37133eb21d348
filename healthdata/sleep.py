"""Sleep sessions, made of stored stage rows by a pure function, so that the order in which rows arrive cannot matter.

Each instant belongs to the stage that says most about it (see STAGES), whatever other rows claim: a night then depends
only on which instants each stage covers, and rows that come twice, split, overlapping or late change nothing.
Sleep is light + deep + REM + unstaged (`sleeping`), never awake. A silence of up to half an hour between two stages of
sleep is neither; a longer one is time awake, since devices that see somebody get up often say nothing at all.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

#: Canonical stage names, the one that wins an overlap first. Awake leads because vendors lay short wakes over the
#: stage they interrupt; a detailed stage beats `sleeping`, and everything beats `in_bed`.
STAGES: Final = ("awake", "deep", "rem", "light", "sleeping", "unknown", "in_bed")
ASLEEP: Final = frozenset({"deep", "rem", "light", "sleeping"})

GAP_MS: Final = 120 * 60_000  # a longer silence than this ends a session
UNRECORDED_MS: Final = 30 * 60_000  # a longer silence between stages of sleep was spent awake
MAX_ROW_MS: Final = 24 * 3_600_000  # nobody lies in one stage for longer: such rows are ignored
NAP_BELOW_S: Final = 3 * 3600
NAP_STARTS: Final = range(9 * 60, 20 * 60)  # local minutes of the day

_RANK: Final = {stage: rank for rank, stage in enumerate(STAGES)}

#: Spelling without case and punctuation → canonical stage. "Core" is what HealthKit calls light sleep.
_NAMES: Final = {
    **dict.fromkeys(("inbed",), "in_bed"),
    **dict.fromkeys(("sleeping", "asleep", "asleepunspecified", "sleep"), "sleeping"),
    **dict.fromkeys(("awake", "wake", "outofbed", "awakeinbed"), "awake"),
    **dict.fromkeys(("light", "asleeplight", "core", "asleepcore"), "light"),
    **dict.fromkeys(("deep", "asleepdeep"), "deep"),
    **dict.fromkeys(("rem", "asleeprem"), "rem"),
    "unknown": "unknown",
}
#: The documented names of stages, and the short ones.
SPELLINGS: Final = (
    *("in_bed", "sleeping", "awake", "asleep_light", "asleep_deep", "asleep_rem", "unknown"),
    *("light", "core", "deep", "rem", "asleep"),
)
MAX_NAME_LENGTH: Final = 64  # characters; a longer name is none, and is not remembered
_PREFIXES: Final = ("hkcategoryvaluesleepanalysis", "stagetype")
_HEALTHKIT_NUMBERS: Final = ("in_bed", "sleeping", "awake", "light", "deep", "rem")
_HEALTH_CONNECT_NUMBERS: Final = ("unknown", "awake", "sleeping", "awake", "light", "deep", "rem", "awake")
_NUMBERS: Final = {"": _HEALTHKIT_NUMBERS, "apple": _HEALTHKIT_NUMBERS, "google": _HEALTH_CONNECT_NUMBERS}


def stage_name(raw: str, provider: str = "") -> str | None:
    """Return the canonical stage of a wire name, None when there is none.

    Takes the documented names in any case, HealthKit labels and Health Connect constants. Numbers are HealthKit's
    (0 in bed … 5 REM) unless the provider is google (0 unknown … 7 awake in bed); samsung has none.
    """
    return _stage_name(raw, provider) if len(raw) <= MAX_NAME_LENGTH else None


@lru_cache(maxsize=1024)
def _stage_name(raw: str, provider: str) -> str | None:
    text = re.sub(r"[^a-z0-9]", "", raw.lower())
    if text.isdecimal():
        numbers = _NUMBERS.get(provider, ())
        return numbers[int(text)] if len(text) == 1 and int(text) < len(numbers) else None
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    return _NAMES.get(text)


class StageRow(NamedTuple):
    """One stored row of one source. Milliseconds UTC; zone in minutes east as the row stated it."""

    start_ms: int
    end_ms: int
    stage: str
    zone_minutes: int | None = None
    nap_hint: bool | None = None


Piece = tuple[int, int, str]  # start_ms, end_ms, stage


@dataclass(frozen=True, slots=True)
class Session:
    """A night or a nap. Seconds are whole; sleep_s = light_s + deep_s + rem_s + unstaged_s.

    With nothing but in_bed rows the sleep is unknown: sleep_s, efficiency, awakenings, latency_s and waso_s are None.
    """

    start_ms: int
    end_ms: int
    zone_minutes: int | None  # as the row that ended last stated it, for the session belongs to the day of waking
    duration_s: int  # end - start, silences included
    sleep_s: int | None
    awake_s: int
    light_s: int
    deep_s: int
    rem_s: int
    unstaged_s: int
    in_bed_s: int  # all but silences of up to half an hour
    efficiency: float | None  # asleep / duration in percent, one decimal
    awakenings: int | None  # awake stretches between falling asleep and waking up
    latency_s: int | None  # from the start to the first sleep; None too where no row tells when the bed was entered
    waso_s: int | None  # awake between falling asleep and waking up
    is_nap: bool
    stages: tuple[Piece, ...]  # in order, without overlaps


OffsetOf = Callable[[int, int | None], int]  # instant and the row's own offset → minutes east of UTC


def own_offset(_ms: int, row_offset: int | None) -> int:
    """Return the row's own offset, else UTC: what there is to go by when the end user's zone is not known."""
    return row_offset or 0


def sessions(rows: Iterable[StageRow], offset_of: OffsetOf = own_offset) -> list[Session]:
    """Return the sessions of one source's rows, in order of their start.

    `offset_of` places instants on the local clock (healthdata.days.ZoneHistory.offset_of); only the nap rule asks it.
    """
    found, hints = [], []
    for group in _groups(rows):
        if session := _session(group):
            found.append(session)
            hints.append(_hint(group))
    return _with_naps(found, hints, offset_of)


def _groups(rows: Iterable[StageRow]) -> Iterator[list[StageRow]]:
    """Yield rows that belong together: none starts more than GAP_MS after all before it ended."""
    usable = {row for row in rows if 0 < row.end_ms - row.start_ms <= MAX_ROW_MS}
    group: list[StageRow] = []
    end = 0
    for row in sorted(usable, key=lambda row: row[:2]):
        if group and row.start_ms - end > GAP_MS:
            yield group
            group, end = [], 0
        group.append(row)
        end = max(end, row.end_ms)
    if group:
        yield group


def _session(rows: Sequence[StageRow]) -> Session | None:
    """Return the session of one group; None when no row speaks of sleep or a bed."""
    pieces = _with_unrecorded_wakes(_without_stray_wakes(_pieces(rows)))
    if not pieces:
        return None
    start, end = pieces[0][0], pieces[-1][1]
    lengths = dict.fromkeys(STAGES, 0)
    for piece_start, piece_end, stage in pieces:
        lengths[stage] += piece_end - piece_start
    asleep = any(lengths[stage] for stage in ASLEEP)
    seconds = {stage: length // 1000 for stage, length in lengths.items()}
    duration_s = (end - start) // 1000
    sleep_s = sum(seconds[stage] for stage in ASLEEP) if asleep else None
    awakenings, latency_s, waso_s = _interruptions(pieces, rows) if asleep else (None, None, None)
    return Session(
        start_ms=start,
        end_ms=end,
        zone_minutes=_zone(rows),
        duration_s=duration_s,
        sleep_s=sleep_s,
        awake_s=seconds["awake"],
        light_s=seconds["light"],
        deep_s=seconds["deep"],
        rem_s=seconds["rem"],
        unstaged_s=seconds["sleeping"],
        in_bed_s=sum(lengths.values()) // 1000,
        efficiency=round(100 * sleep_s / duration_s, 1) if sleep_s is not None and duration_s else None,
        awakenings=awakenings,
        latency_s=latency_s,
        waso_s=waso_s,
        is_nap=False,
        stages=pieces,
    )


def _pieces(rows: Sequence[StageRow]) -> tuple[Piece, ...]:
    """Sweep over all edges and give each stretch to the first of STAGES that covers it; neighbours are joined."""
    edges = [edge for row in rows for edge in _edges(row)]
    edges.sort()
    covering = [0] * len(STAGES)
    pieces: list[Piece] = []
    at = edges[0][0]
    for ms, rank, step in edges:
        if ms > at:
            if stage := next((STAGES[i] for i, count in enumerate(covering) if count), None):
                _append(pieces, at, ms, stage)
            at = ms
        covering[rank] += step
    return tuple(pieces)


def _edges(row: StageRow) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    rank = _RANK[row.stage]
    return (row.start_ms, rank, 1), (row.end_ms, rank, -1)


def _append(pieces: list[Piece], start: int, end: int, stage: str) -> None:
    if pieces and pieces[-1][1] == start and pieces[-1][2] == stage:
        start = pieces.pop()[0]
    pieces.append((start, end, stage))


def _without_stray_wakes(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Leave out what was seen awake long before the bed or long after it; nothing is left where there was no bed."""
    rest = [index for index, piece in enumerate(pieces) if piece[2] in ASLEEP or piece[2] == "in_bed"]
    if not rest:
        return ()
    first, last = rest[0], rest[-1]
    while first > 0 and pieces[first][0] - pieces[first - 1][1] <= UNRECORDED_MS:
        first -= 1
    while last < len(pieces) - 1 and pieces[last + 1][0] - pieces[last][1] <= UNRECORDED_MS:
        last += 1
    return tuple(pieces[first : last + 1])


def _with_unrecorded_wakes(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Call awake what lies between two stages of sleep for long without a word, in bed or not."""
    asleep = [piece for piece in pieces if piece[2] in ASLEEP]
    staged = [piece for piece in pieces if piece[2] != "in_bed"]
    wakes = [
        (before[1], after[0], "awake")
        for before, after in pairwise(staged)
        if after[0] - before[1] > UNRECORDED_MS and asleep and asleep[0][0] < before[1] and after[0] < asleep[-1][1]
    ]
    if not wakes:
        return pieces
    stay = [piece for piece in pieces if not any(start <= piece[0] and piece[1] <= end for start, end, _ in wakes)]
    joined: list[Piece] = []
    for start, end, stage in sorted([*stay, *wakes]):
        _append(joined, start, end, stage)
    return tuple(joined)


def _interruptions(pieces: Sequence[Piece], rows: Sequence[StageRow]) -> tuple[int, int | None, int]:
    """Awakenings, latency and wake after sleep onset of a session that has some sleep."""
    asleep = [piece for piece in pieces if piece[2] in ASLEEP]
    onset, waking = asleep[0][0], asleep[-1][1]
    wakes = [end - start for start, end, stage in pieces if stage == "awake" and onset < start < waking]
    entered_bed = onset > pieces[0][0] or any(row.stage == "in_bed" for row in rows)
    latency_s = (onset - pieces[0][0]) // 1000 if entered_bed else None
    return len(wakes), latency_s, sum(wakes) // 1000


def _zone(rows: Sequence[StageRow]) -> int | None:
    stated = [(row.end_ms, row.zone_minutes) for row in rows if row.zone_minutes is not None]
    return max(stated)[1] if stated else None


def _hint(rows: Sequence[StageRow]) -> bool | None:
    """Return what the provider says; a group of which it calls any part a night is a night."""
    hints = {row.nap_hint for row in rows} - {None}
    return False not in hints if hints else None


def _with_naps(found: Sequence[Session], hints: Sequence[bool | None], offset_of: OffsetOf) -> list[Session]:
    """Mark the naps: the provider's word, else a short sleep begun by day, be it the only one of its day or not."""
    return [
        replace(session, is_nap=_looks_like_nap(session, offset_of) if hint is None else hint)
        for session, hint in zip(found, hints, strict=True)
    ]


def _looks_like_nap(session: Session, offset_of: OffsetOf) -> bool:
    offset = offset_of(session.start_ms, session.zone_minutes)
    minute = (session.start_ms // 60_000 + offset) % 1440
    return session.sleep_s is not None and session.sleep_s < NAP_BELOW_S and minute in NAP_STARTS


def whole_minutes(seconds: Sequence[int]) -> tuple[int, ...]:
    """Return seconds of several stages as whole minutes that add up to the whole minutes of their sum.

    Each is rounded down, then the minutes lost go to the largest remainders (the first of equals), so every figure
    is off by less than a minute and the total by none.
    """
    minutes = [part // 60 for part in seconds]
    lost = sum(seconds) // 60 - sum(minutes)
    by_remainder = sorted(range(len(seconds)), key=lambda i: -(seconds[i] % 60))
    for index in by_remainder[:lost]:
        minutes[index] += 1
    return tuple(minutes)
