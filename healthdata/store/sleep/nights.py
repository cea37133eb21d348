"""Sleep sessions, rebuilt from stage rows wherever these changed.

Sessions are a pure function of the stored rows (healthdata.sleep), so the outcome does not depend on the order in
which rows arrived; only the ids remember history: a session that is found again, longer or joined with another,
keeps the id it had.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from operator import itemgetter
from uuid import UUID

from healthdata import sleep
from healthdata.days import ZoneHistory
from healthdata.models import SleepSession, SleepStage, Source
from healthdata.store.result import RemovedRow, StoreResult
from healthdata.store.sleep.stages import Touched
from healthdata.store.sources import SourceBook
from wearlink.lib.clock import from_ms, to_ms

AROUND_MS = 48 * 3_600_000  # naps are judged by the other sessions of their day, none of which is longer than a day
JUDGED_MS = 24 * 3_600_000


@dataclass(slots=True)
class Rebuilt:
    """Sessions that are new or differ from what was stored."""

    created: list[SleepSession]
    updated: list[SleepSession]
    deleted: list[SleepSession]
    days_left: set[date]  # days that a session belonged to before
    replaced_by: dict[UUID, UUID] = field(default_factory=dict)  # deleted → the session that has its time now
    split_from: dict[UUID, UUID] = field(default_factory=dict)  # created → the session that had its time before

    @property
    def changed(self) -> list[SleepSession]:
        return self.created + self.updated


def rebuild(book: SourceBook, touched: Touched, results: Sequence[StoreResult], zones: ZoneHistory) -> Rebuilt:
    """Bring the sessions of every touched stretch in line with its stage rows."""
    outcome = Rebuilt([], [], [], set())
    for source, span in touched.spans.items():
        found = rebuild_source(book.user_key, book.by_id(source), span, zones)
        outcome.created += found.created
        outcome.updated += found.updated
        outcome.deleted += found.deleted
        outcome.days_left |= found.days_left
        last = results[max(touched.batches[source])]
        last.changes.sleep_created += [session.pk for session in found.created]
        last.changes.sleep_updated += [session.pk for session in found.updated]
        last.changes.sleep_deleted += [removed(row, found.replaced_by.get(row.id)) for row in found.deleted]
        last.changes.sleep_split_from |= {
            session.pk: found.split_from[session.id] for session in found.created if session.id in found.split_from
        }
    return outcome


def rebuild_source(user_key: int, source: Source, span: tuple[int, int], zones: ZoneHistory) -> Rebuilt:
    rows = rows_around(user_key, source.pk, span)
    judged = (span[0] - JUDGED_MS, span[1] + JUDGED_MS)
    computed = [
        session
        for session in sleep.sessions(rows, zones.offset_of)
        if session.start_ms <= judged[1] and session.end_ms >= judged[0]
    ]
    stored = list(
        SleepSession.objects.select_related("source")
        .filter(user_key=user_key, source=source, start__lte=from_ms(judged[1]), end__gte=from_ms(judged[0]))
        .order_by("key")
    )
    return reconcile(user_key, source, computed, stored, zones)


def rows_around(user_key: int, source: int, span: tuple[int, int]) -> list[sleep.StageRow]:
    """Return the rows within AROUND_MS of the span, and all that hang together with these.

    The stretch that is read grows fourfold until it holds them, so that years of rows without a gap cost a few queries.
    """
    low, high = span[0] - AROUND_MS, span[1] + AROUND_MS
    margin = AROUND_MS
    while True:
        rows = rows_between(user_key, source, low - margin, high + margin)
        found = connected(rows, low - sleep.GAP_MS, high + sleep.GAP_MS)
        first = min((row.start_ms for row in found), default=low)
        last = max((row.end_ms for row in found), default=high)
        if first - sleep.GAP_MS >= low - margin and last + sleep.GAP_MS <= high + margin:
            return found
        margin *= 4


def rows_between(user_key: int, source: int, low: int, high: int) -> list[sleep.StageRow]:
    """Return the usable rows that touch [low, high], in order of their start."""
    rows = SleepStage.objects.filter(
        user_key=user_key, source_id=source, start_ms__range=(low - sleep.MAX_ROW_MS, high), end_ms__gte=low
    ).order_by("start_ms", "end_ms")
    found = [sleep.StageRow(*row) for row in rows.values_list("start_ms", "end_ms", "stage", "zone", "nap")]
    return [row for row in found if 0 < row.end_ms - row.start_ms <= sleep.MAX_ROW_MS]


def connected(rows: Sequence[sleep.StageRow], low: int, high: int) -> list[sleep.StageRow]:
    """Return those of the sorted rows whose group (no gap longer than GAP_MS in it) touches [low, high]."""
    found: list[sleep.StageRow] = []
    group: list[sleep.StageRow] = []
    end = 0
    for row in [*rows, None]:
        if group and (row is None or row.start_ms - end > sleep.GAP_MS):
            if end >= low and group[0].start_ms <= high:
                found += group
            group, end = [], 0
        if row is not None:
            group.append(row)
            end = max(end, row.end_ms)
    return found


def reconcile(
    user_key: int, source: Source, computed: list[sleep.Session], stored: list[SleepSession], zones: ZoneHistory
) -> Rebuilt:
    """Give each computed session the row it overlaps most; rows that find none go."""
    outcome = Rebuilt([], [], [], set())
    left = {row.pk: row for row in stored}
    before = [(row.id, to_ms(row.start), to_ms(row.end)) for row in stored]
    after: list[tuple[UUID, int, int]] = []
    matches = Matches(stored)
    for session in computed:
        row = matches.take(session)
        if row is None:
            row = SleepSession(user_key=user_key, source=source)
            fill(row, session, zones)
            outcome.created.append(row)
            after.append((row.id, session.start_ms, session.end_ms))
            continue
        del left[row.pk]
        after.append((row.id, session.start_ms, session.end_ms))
        outcome.days_left.add(row.day)
        if fill(row, session, zones):
            outcome.updated.append(row)
    outcome.deleted = list(left.values())
    gone, new = ({row.id for row in rows} for rows in (outcome.deleted, outcome.created))
    outcome.replaced_by = successors([one for one in before if one[0] in gone], after)
    outcome.split_from = successors([one for one in after if one[0] in new], before)
    SleepSession.objects.filter(pk__in=left).delete()
    SleepSession.objects.bulk_create(outcome.created)
    for row in outcome.updated:
        row.save()
    return outcome


def successors(of: Iterable[tuple[UUID, int, int]], among: Sequence[tuple[UUID, int, int]]) -> dict[UUID, UUID]:
    """Return for each session the one among the others that shares most time with it, if any does."""
    others = sorted(among, key=itemgetter(1, 2))
    ends = list(accumulate((last for _, _, last in others), max))
    found = {}
    for own_id, start, end in of:
        most = 0
        for place in range(bisect_right(ends, start), len(others)):
            other, first, last = others[place]
            if first >= end:
                break
            if (shared := min(end, last) - max(start, first)) > most:
                most, found[own_id] = shared, other
    return found


def removed(row: SleepSession, replaced_by: UUID | None) -> RemovedRow:
    """Return the event's data about a deleted session."""
    return RemovedRow(row.pk, row.id, row.source.provider, row.day, row.start, row.end, replaced_by=replaced_by)


class Matches:
    """Finds the stored row of each computed session. Neither kind overlaps its own, so one pass over both is enough."""

    def __init__(self, rows: Iterable[SleepSession]) -> None:
        self._rows = sorted(((to_ms(row.start), to_ms(row.end), row) for row in rows), key=itemgetter(0, 1))
        self._first = 0
        self._taken: set[int] = set()

    def take(self, session: sleep.Session) -> SleepSession | None:
        """Return the free row that shares most time with the session, the oldest of equals; sessions come in their
        order.
        """
        while self._first < len(self._rows) and self._rows[self._first][1] <= session.start_ms:
            self._first += 1
        best: tuple[int, int] | None = None
        chosen = None
        for place in range(self._first, len(self._rows)):
            start, end, row = self._rows[place]
            if start >= session.end_ms:
                break
            shared = min(end, session.end_ms) - max(start, session.start_ms)
            if row.pk not in self._taken and shared > 0 and (best is None or (shared, -row.pk) > best):
                best, chosen = (shared, -row.pk), row
        if chosen is not None:
            self._taken.add(chosen.pk)
        return chosen


def fill(row: SleepSession, session: sleep.Session, zones: ZoneHistory) -> bool:
    """Copy the session into the row; says whether anything differed."""
    values: dict[str, object] = {
        "start": from_ms(session.start_ms),
        "end": from_ms(session.end_ms),
        "zone": session.zone_minutes,
        "day": zones.day_of(session.end_ms, session.zone_minutes),
        "is_nap": session.is_nap,
        "duration_seconds": session.duration_s,
        "sleep_seconds": session.sleep_s,
        "in_bed_seconds": session.in_bed_s,
        "awake_seconds": session.awake_s,
        "light_seconds": session.light_s,
        "deep_seconds": session.deep_s,
        "rem_seconds": session.rem_s,
        "unstaged_seconds": session.unstaged_s,
        "efficiency_percent": session.efficiency,
        "awakenings": session.awakenings,
        "latency_seconds": session.latency_s,
        "waso_seconds": session.waso_s,
        "stages": [list(piece) for piece in session.stages],
    }
    changed = False
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    return changed
