"""One small model of a moving body, from which steps, stride, distance, energy and pulse follow together.

Oxygen of walking and running: the metabolic equations of the American College of Sports Medicine (Guidelines for
Exercise Testing and Prescription, 10th edition, level ground), 0.1 and 0.2 mL/kg a metre above rest. A litre of oxygen
is about 5 kcal. Energy at rest: Mifflin et al. 1990, doi:10.1093/ajcn/51.2.241. Pulse grows with the share of the
oxygen reserve (Swain and Leutholtz 1997, doi:10.1097/00005768-199703000-00018). Cadence and stride are rules of thumb.
"""

from typing import Final

from wearlink.demo.demo_users import Physique, Sport

REST_OXYGEN: Final = 3.5  # mL/kg/min, which is one MET
KCAL_PER_ML: Final = 0.005
RUNNING: Final = "running"
ON_FOOT: Final = frozenset({RUNNING, "walking"})
UPRIGHT_BPM: Final = 14  # sitting and standing against lying down
BRISK_METS: Final = 3.4
STRIDE_OF_HEIGHT: Final = 0.415


def cadence(speed: float, *, running: bool) -> float:
    """Steps a minute at a speed in m/s."""
    return 150 + 7.5 * speed if running else 62 + 38 * speed


def stride(speed: float, *, running: bool) -> float:
    """Return metres a step."""
    return speed * 60 / cadence(speed, running=running)


def stroll(body: Physique) -> float:
    """Return the speed, m/s, at which somebody walks without thinking of it: that of an ordinary stride."""
    length = STRIDE_OF_HEIGHT * body.height_m
    return 62 * length / (60 - 38 * length)


def oxygen(sport: Sport, speed: float) -> float:
    """Return mL/kg/min above rest."""
    if sport.kind not in ON_FOOT:
        return (sport.met - 1) * REST_OXYGEN
    return speed * 60 * (0.2 if sport.kind == RUNNING else 0.1)


def walking_oxygen(speed: float) -> float:
    """Return the same of a walk."""
    return speed * 60 * 0.1


def kcal(body: Physique, above_rest: float, minutes: float) -> float:
    """Return active energy of some minutes with so much oxygen above rest."""
    return above_rest * body.weight_kg * minutes * KCAL_PER_ML


def oxygen_of(body: Physique, active_kcal: float, minutes: float) -> float:
    """Return mL/kg/min above rest: the inverse of `kcal`."""
    return active_kcal / (body.weight_kg * minutes * KCAL_PER_ML)


def pulse(body: Physique, above_rest: float) -> float:
    """Return beats a minute awake, with so much oxygen above rest."""
    share = min(above_rest / (body.vo2_max - REST_OXYGEN), 1.0)
    standing = UPRIGHT_BPM * (1 - share)
    return body.resting_bpm + standing + (body.top_bpm - body.resting_bpm) * share


def basal_kcal(body: Physique, year: int, weight_kg: float) -> float:
    """Return energy at rest of a day."""
    return 10 * weight_kg + 625 * body.height_m - 5 * (year - body.born) + (5 if body.is_male else -161)
