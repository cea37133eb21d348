"""Workouts: when, how far, the way taken, and what the watch counted meanwhile."""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from wearlink.demo.day import MINUTE, DemoDay
from wearlink.demo.demo_users import DemoUser, Sport

STRENGTH: Final = Sport("strength_training", 0.0, 6.0, 40)
ROUTE_STEP: Final = 15_000
READING_STEP: Final = 30_000
LAP_METERS: Final = 1_000.0
METERS_A_DEGREE: Final = 111_320.0


class TrainingSession(NamedTuple):
    """One workout; speed in m/s, 0 where nobody moves from the spot."""

    id: str
    demo_user: DemoUser
    sport: Sport
    start: int
    end: int
    speed: float
    effort: float  # about 1

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / 1000

    @property
    def meters(self) -> float:
        return round(self.speed * self.seconds, 1)

    @property
    def kcal(self) -> float:
        return round(self.sport.energy * self.effort * self.seconds / 60, 1)

    @property
    def climb(self) -> float:
        """Metres up, which are also the metres down."""
        return round(self.meters / 1000 * 9 * self.effort, 1)


class Point(NamedTuple):
    """A position at an instant."""

    at: int
    latitude: float
    longitude: float
    altitude: float


def sessions(day: DemoDay) -> Iterator[TrainingSession]:
    """One's own sport every second day, strength training every fifth."""
    if day.every(2):
        yield _session(day, day.demo_user.sport, day.at(17.3 + day.chance("hour").random()))
    if day.every(5, 1):
        yield _session(day, STRENGTH, day.at(day.demo_user.wake_hour + 5.3))


def _session(day: DemoDay, sport: Sport, start: int) -> TrainingSession:
    chance = day.chance(sport.kind)
    effort = chance.uniform(0.88, 1.12)
    minutes = round(sport.minutes * chance.uniform(0.75, 1.3))
    name = f"{day.demo_user.external_id}-{day.date.isoformat()}-{sport.kind}"
    return TrainingSession(name, day.demo_user, sport, start, start + minutes * MINUTE, sport.speed * effort, effort)


def pulse(session: TrainingSession, at: int) -> float:
    """Heart rate: up within some minutes, then waves with the hills."""
    minutes = (at - session.start) / MINUTE
    top = session.demo_user.resting_bpm + 85 * session.effort * (0.6 + 0.04 * session.sport.energy)
    rise = 1 - math.exp(-minutes / 4)
    return (
        session.demo_user.resting_bpm
        + 25
        + (top - session.demo_user.resting_bpm - 25) * rise
        + 6 * math.sin(minutes / 3)
    )


def readings(session: TrainingSession) -> list[tuple[int, float]]:
    """(instant, heart rate) every half minute."""
    return [(at, round(pulse(session, at))) for at in range(session.start, session.end, READING_STEP)]


def route(session: TrainingSession) -> Iterator[Point]:
    """A round that ends where it began, with a dent so that it does not look drawn with compasses."""
    if not session.meters:
        return
    latitude, longitude, altitude = session.demo_user.home
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
    """(start, end, metres) of every kilometre, and of the rest."""
    if not session.meters:
        return
    length = round(1000 * LAP_METERS / session.speed)
    for start in range(session.start, session.end, length):
        end = min(session.end, start + length)
        yield start, end, round(session.speed * (end - start) / 1000, 1)
