"""The night of a local day: the sessions that count for it, put together where a device cut it in parts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from healthdata.models import SleepSession
from healthdata.sleep import Session

#: The longest gap between parts of one night: after a longer one another sleep begins.
PARTS_WITHIN_MS: Final = 4 * 3_600_000


@dataclass(frozen=True, slots=True)
class Night:
    """The main sleep of a local day of waking: the parts of one source, in order of time."""

    parts: tuple[SleepSession, ...]

    @property
    def longest(self) -> SleepSession:
        """The part that gives its id and source."""
        return max(self.parts, key=lambda part: (part.sleep_seconds or 0, part.duration_seconds))

    @property
    def whole(self) -> SleepSession:
        """All parts as one session (unsaved if there are several), under the id of the longest."""
        return self.parts[0] if len(self.parts) == 1 else _joined(self)


def nights_by_day(sessions: Iterable[SleepSession]) -> dict[date, Night]:
    """Return day of waking → its night, of primary sessions. Naps make no night.

    The longest sleep counts; time in bed of which no sleep is known, only where there is nothing else.
    """
    by_day: dict[date, list[SleepSession]] = {}
    for session in sessions:
        if not session.is_nap and session.same_as is None and not session.is_left_out:
            by_day.setdefault(session.day, []).append(session)
    return {day: _main(found) for day, found in by_day.items()}


def _main(sessions: Sequence[SleepSession]) -> Night:
    by_source: dict[int, list[SleepSession]] = {}
    for session in sorted(sessions, key=lambda one: (one.start_ms, one.key)):
        by_source.setdefault(session.source_id, []).append(session)
    nights = [night for mine in by_source.values() for night in _in_parts(mine)]
    return max(nights, key=_length)


def _in_parts(sessions: Sequence[SleepSession]) -> list[Night]:
    """Return sessions of one source, in order, as nights."""
    found: list[list[SleepSession]] = []
    for session in sessions:
        if found and session.start_ms - found[-1][-1].end_ms <= PARTS_WITHIN_MS:
            found[-1].append(session)
        else:
            found.append([session])
    return [Night(tuple(parts)) for parts in found]


def _length(night: Night) -> tuple[int, int, int]:
    asleep = sum(part.sleep_seconds or 0 for part in night.parts)
    return asleep, sum(part.duration_seconds for part in night.parts), -night.parts[0].key


def as_session(row: SleepSession) -> Session:
    """Return the stored session in the form that the pure scores take."""
    return Session(
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        zone_minutes=row.zone,
        duration_s=row.duration_seconds,
        sleep_s=row.sleep_seconds,
        awake_s=row.awake_seconds or 0,
        light_s=row.light_seconds or 0,
        deep_s=row.deep_seconds or 0,
        rem_s=row.rem_seconds or 0,
        unstaged_s=row.unstaged_seconds or 0,
        in_bed_s=row.in_bed_seconds or 0,
        efficiency=row.efficiency_percent,
        awakenings=row.awakenings,
        latency_s=row.latency_seconds,
        waso_s=row.waso_seconds,
        is_nap=row.is_nap,
        stages=tuple((start, end, stage) for start, end, stage in row.stages),
    )


#: What parts of a night have each for themselves and add up.
_ADDED: Final = (
    "duration_seconds",
    "sleep_seconds",
    "in_bed_seconds",
    "awake_seconds",
    "light_seconds",
    "deep_seconds",
    "rem_seconds",
    "unstaged_seconds",
    "waso_seconds",
)
_AVERAGED: Final = (
    "avg_heart_rate_bpm",
    "avg_hrv_sdnn_ms",
    "avg_hrv_rmssd_ms",
    "avg_respiratory_rate",
    "avg_spo2_percent",
)


def _joined(night: Night) -> SleepSession:
    """Return the parts as one: what lay between them counts for nothing but one awakening, and means are weighed by
    length.

    `stages` are those of the parts that have them loaded.
    """
    parts, longest = night.parts, night.longest
    added = {name: _sum([getattr(part, name) for part in parts]) for name in _ADDED}
    asleep, duration = added["sleep_seconds"], added["duration_seconds"]
    wakes = _sum([part.awakenings for part in parts])
    slept = sum(part.sleep_seconds is not None for part in parts)
    return SleepSession(
        id=longest.id,
        user_key=longest.user_key,
        source=longest.source,
        start=parts[0].start,
        end=parts[-1].end,
        zone=parts[-1].zone,
        day=longest.day,
        is_nap=False,
        efficiency_percent=round(100 * asleep / duration, 1) if asleep is not None and duration else None,
        awakenings=None if wakes is None else wakes + slept - 1,
        latency_seconds=parts[0].latency_seconds,
        stages=[piece for part in parts if "stages" not in part.get_deferred_fields() for piece in part.stages],
        **added,
        **{name: _mean(parts, name) for name in _AVERAGED},
    )


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _mean(parts: Sequence[SleepSession], name: str) -> float | None:
    known = [(getattr(part, name), part.duration_seconds) for part in parts if getattr(part, name) is not None]
    weight = sum(length for _, length in known)
    return sum(value * length for value, length in known) / weight if weight else None
