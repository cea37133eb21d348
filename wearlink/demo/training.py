"""Workouts: when, how far, the way taken, and what the watch counted meanwhile."""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from wearlink.demo import effort
from wearlink.demo.day import MINUTE, DemoDay, ReportedWorkout
from wearlink.demo.demo_users import DemoUser, Sport

ROUTE_STEP: Final = 15_000
READING_STEP: Final = 30_000
LAP_METERS: Final = 1_000.0
METERS_A_DEGREE: Final = 111_320.0
RISE_MINUTES: Final = 3.0
WAVE_BPM: Final = 5.0


class TrainingSession(NamedTuple):
    """One workout; speed in m/s, 0 where nobody moves from the spot; active kcal; mean pulse."""

    id: str
    demo_user: DemoUser
    sport: Sport
    start: int
    end: int
    speed: float
    kcal: float
    mean_pulse: float
    place: tuple[float, float, float]

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / 1000

    @property
    def meters(self) -> float:
        return round(self.speed * self.seconds, 1)

    @property
    def climb(self) -> float:
        """Metres up, which are also the metres down."""
        return round(self.meters / 1000 * 7, 1)

    @property
    def is_running(self) -> bool:
        return self.sport.kind == effort.RUNNING

    def shared(self, start: int, end: int) -> float:
        """Return minutes of a stretch of time that belong to the workout."""
        return max(0, min(end, self.end) - max(start, self.start)) / MINUTE


class Point(NamedTuple):
    """A position at an instant."""

    at: int
    latitude: float
    longitude: float
    altitude: float


def sessions(day: DemoDay) -> list[TrainingSession]:
    """Return the day's workouts, in order: those that were given, else the usual ones of the sports."""
    own, *others = day.demo_user.sports
    if day.reported is not None:
        found = [_as_reported(day, one) for one in day.reported]
    else:
        found = [_session(day, own, 17.3)] if day.every(own.every, own.shift) else []
    for sport in others:
        if day.every(sport.every, sport.shift):
            found.append(_session(day, sport, day.demo_user.habits.wake_hour + 5.2))
    return sorted(found, key=lambda one: one.start)


def _session(day: DemoDay, sport: Sport, hour: float) -> TrainingSession:
    chance, body = day.chance(sport.kind), day.demo_user.body
    start = day.at(hour + chance.random())
    minutes = round(sport.minutes * chance.uniform(0.7, 1.35))
    speed = sport.speed * chance.uniform(0.92, 1.08)
    oxygen = effort.oxygen(sport, speed) * chance.uniform(0.97, 1.05)
    kcal = round(effort.kcal(body, oxygen, minutes), 1)
    name = f"{day.demo_user.external_id}-{day.date.isoformat()}-{sport.kind}"
    end = start + minutes * MINUTE
    return TrainingSession(name, day.demo_user, sport, start, end, speed, kcal, effort.pulse(body, oxygen), day.place)


def _as_reported(day: DemoDay, reported: ReportedWorkout) -> TrainingSession:
    sport = Sport(reported.kind, 0, 0, 0, every=1)
    speed = reported.meters / ((reported.end - reported.start) / 1000)
    name = f"{day.demo_user.external_id}-{reported.id}"
    return TrainingSession(
        name, day.demo_user, sport, reported.start, reported.end, speed, reported.kcal, reported.pulse, day.place
    )


def pulse(session: TrainingSession, at: int) -> float:
    """Return heart rate: up within some minutes, then waves with the hills, around the mean of the whole."""
    minutes, whole = (at - session.start) / MINUTE, session.seconds / 60
    rest = session.demo_user.body.resting_bpm + effort.UPRIGHT_BPM
    lost = RISE_MINUTES / whole * (1 - math.exp(-whole / RISE_MINUTES))  # what the rise takes from the mean
    top = (session.mean_pulse - rest * lost) / (1 - lost)
    return top + (rest - top) * math.exp(-minutes / RISE_MINUTES) + WAVE_BPM * math.sin(minutes / 3)


def readings(session: TrainingSession) -> list[tuple[int, float]]:
    """Return (instant, heart rate) every half minute."""
    return [(at, round(pulse(session, at))) for at in range(session.start, session.end, READING_STEP)]


def route(session: TrainingSession) -> Iterator[Point]:
    """Yield a round that ends where it began, with a dent so that it does not look drawn with compasses."""
    if not session.meters:
        return
    latitude, longitude, altitude = session.place
    radius = session.meters / (2 * math.pi) / METERS_A_DEGREE
    for at in range(session.start, session.end, ROUTE_STEP):
        angle = 2 * math.pi * (at - session.start) / (session.end - session.start)
        away = radius * (1 + 0.12 * math.sin(3 * angle))
        yield Point(
            at,
            round(latitude + away * math.cos(angle) - radius, 6),
            round(longitude + away * math.sin(angle) / math.cos(math.radians(latitude)), 6),
            round(altitude + session.climb / 4 * (1 - math.cos(2 * angle)), 1),
        )


def laps(session: TrainingSession) -> Iterator[tuple[int, int, float]]:
    """Yield (start, end, metres) of every kilometre, and of the rest."""
    if not session.meters:
        return
    length = round(1000 * LAP_METERS / session.speed)
    for start in range(session.start, session.end, length):
        end = min(session.end, start + length)
        yield start, end, round(session.speed * (end - start) / 1000, 1)
