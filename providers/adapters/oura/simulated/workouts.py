"""The exercise of simulated end users: pace, effort, energy and pulse of one workout agree with one another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from providers.adapters.oura.simulated.nights import MINUTE, local, text
from providers.simulator.noise import name_of, number, share

KILOGRAMS: Final = 71.6  # as documents.profile has it


@dataclass(frozen=True, slots=True)
class SimulatedSport:
    """A sport from easy to hard: metres a second (0: none), MET (from the Compendium), beats and steps a minute."""

    speed: tuple[float, float]
    met: tuple[float, float]
    pulse: tuple[int, int]
    cadence: int


SPORTS: Final[Mapping[str, SimulatedSport]] = {
    "walking": SimulatedSport((1.2, 1.6), (3.3, 4.8), (88, 112), 108),
    "cycling": SimulatedSport((5.0, 8.0), (6.0, 9.5), (112, 148), 0),
    "strengthTraining": SimulatedSport((0.0, 0.0), (3.5, 6.0), (95, 132), 8),
    "running": SimulatedSport((2.4, 3.3), (8.5, 11.5), (138, 172), 165),
}


@dataclass(frozen=True, slots=True)
class SimulatedExercise:
    """One workout: [start, end) in ms; effort from 0 to 1."""

    account: str
    day: date
    kind: str
    start: int
    end: int
    effort: float

    @property
    def sport(self) -> SimulatedSport:
        return SPORTS[self.kind]

    @property
    def minutes(self) -> int:
        return (self.end - self.start) // MINUTE

    @property
    def met(self) -> float:
        """The factor by which more energy is used than at rest."""
        low, high = self.sport.met
        return low + (high - low) * self.effort

    @property
    def kcal(self) -> float:
        return self.met * KILOGRAMS * self.minutes / 60

    @property
    def steps(self) -> int:
        return self.minutes * self.sport.cadence

    @property
    def meters(self) -> float | None:
        low, high = self.sport.speed
        return (low + (high - low) * self.effort) * self.minutes * 60 if high else None

    def pulse(self, at: int) -> int:
        """Rising for the first ten minutes, then around the effort's own."""
        low, high = self.sport.pulse
        risen = min((at - self.start) / (10 * MINUTE), 1)
        return round(low + (high - low) * self.effort * risen) + number(-4, 4, "beat", self.account, at)

    def document(self) -> dict[str, Any]:
        """Return an item of the collection `workout`."""
        return {
            "id": name_of("workout", self.account, self.day),
            "day": self.day.isoformat(),
            "activity": self.kind,
            "start_datetime": text(self.start),
            "end_datetime": text(self.end),
            "calories": round(self.kcal, 1),
            "distance": None if self.meters is None else round(self.meters, 1),
            "intensity": ("easy", "moderate", "hard")[min(int(self.effort * 3), 2)],
            "label": None,
            "source": "autodetected",
        }


def exercise(account: str, day: date) -> SimulatedExercise | None:
    """Return one on every second day."""
    if (day.toordinal() + len(account)) % 2:
        return None
    start = local(day, number(1020, 1100, "starts", account, day))
    end = start + number(28, 68, "lasts", account, day) * MINUTE
    kind = tuple(SPORTS)[number(0, 3, "kind", account, day)]
    return SimulatedExercise(account, day, kind, start, end, share("effort", account, day))


def workout(account: str, day: date) -> tuple[int, dict[str, Any]] | None:
    """Return its document, with its end."""
    found = exercise(account, day)
    return None if found is None else (found.end, found.document())
