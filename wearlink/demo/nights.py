"""Sleep: when somebody lay in bed, the stages of a night, naps, and nights the watch was not worn."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from wearlink.demo.day import MINUTE, DemoDay
from wearlink.demo.demo_users import Device

CYCLE: Final = (("light", 24), ("deep", 28), ("light", 18), ("rem", 16), ("awake", 2))  # minutes, about 90
BAD_NIGHT: Final = 0.17  # share of nights that are short or broken
RING_MINUTES: Final = 6  # by which a ring sees a night begin and end otherwise


class Stage(NamedTuple):
    """A stretch of one stage, in ms."""

    stage: str
    start: int
    end: int


class DemoNight(NamedTuple):
    """One sleep session as its device recorded it."""

    id: str
    device: Device
    stages: tuple[Stage, ...]
    score: int | None  # the vendor's, 0 to 100; None where no stages were seen

    @property
    def start(self) -> int:
        """Return epoch milliseconds."""
        return self.stages[0].start

    @property
    def end(self) -> int:
        """Return epoch milliseconds."""
        return self.stages[-1].end


def bed_times(day: DemoDay) -> tuple[int, int]:
    """Return when the end user went to bed and got up, of the night that ends on this day; later at weekends."""
    chance, habits = day.chance("bed"), day.demo_user.habits
    late = 0.8 if day.date.weekday() >= 5 else 0.0
    bed = habits.bed_hour + late + chance.gauss(0, habits.irregular)
    wake = habits.wake_hour + 1.2 * late + chance.gauss(0, 0.6 * habits.irregular + 0.2)
    if chance.random() < BAD_NIGHT:  # a deadline, a child, a late train
        bed += chance.uniform(0.8, 2.2)
    return day.at(bed), day.at(max(wake, bed + 3.5))


def asleep(day: DemoDay) -> list[tuple[int, int]]:
    """Return every stretch of sleep that touches the day, as (start, end)."""
    found = [bed_times(day), bed_times(day.next)]
    nap = _nap_times(day)
    return [*found, nap] if nap else found


def is_charging(day: DemoDay) -> bool:
    """Return whether the watch lay on its charger in the night that ends on this day."""
    return day.every(day.demo_user.habits.charging_every, 3)


def is_worn(day: DemoDay, at: int) -> bool:
    """Return whether the watch was on the wrist at an instant of the day."""
    for one in (day, day.next):
        if is_charging(one):
            bed, wake = bed_times(one)
            if bed <= at < wake:
                return False
    return True


def nights(day: DemoDay) -> Iterator[DemoNight]:
    """Yield the sessions that end on this day: the night, by every device that saw it, and some days a nap."""
    name, demo_user = f"{day.demo_user.external_id}-{day.date.isoformat()}", day.demo_user
    bed, wake = bed_times(day)
    if not is_charging(day):
        stages = tuple(_stages(day, bed, wake))
        yield DemoNight(f"{name}-night", demo_user.watch, stages, _score(stages))
    elif demo_user.ring is None:
        yield DemoNight(f"{name}-night", demo_user.phone, _noticed(day, bed, wake), None)
    if demo_user.ring is not None:
        yield DemoNight(f"{name}-ring", demo_user.ring, tuple(_by_ring(day, bed, wake)), None)
    nap = _nap_times(day)
    if nap:
        start, end = nap
        doze = Stage("light", start, end - 6 * MINUTE), Stage("awake", end - 6 * MINUTE, end)
        yield DemoNight(f"{name}-nap", demo_user.watch, doze, None)


def _nap_times(day: DemoDay) -> tuple[int, int] | None:
    if not day.every(day.demo_user.habits.nap_every, 2):
        return None
    chance = day.chance("nap")
    start = day.at(13.6 + chance.random())
    return start, start + chance.randint(25, 55) * MINUTE


def _noticed(day: DemoDay, bed: int, wake: int) -> tuple[Stage, ...]:
    """Return the night as a phone on the table sees it: put down, taken up once in between, and in the morning."""
    up = bed + round((wake - bed) / MINUTE * day.chance("phone night").uniform(0.3, 0.7)) * MINUTE
    asleep_at = bed + 25 * MINUTE
    return (
        Stage("awake", bed, asleep_at),
        Stage("sleeping", asleep_at, up),
        Stage("awake", up, up + 12 * MINUTE),
        Stage("sleeping", up + 12 * MINUTE, wake),
    )


def _stages(day: DemoDay, bed: int, wake: int) -> Iterator[Stage]:
    """Yield falling asleep, then cycles in which deep sleep fades and REM grows towards the morning."""
    chance = day.chance("stages")
    at = bed + chance.randint(5, 26) * MINUTE
    yield Stage("awake", bed, at)
    cycle, restless, depth = 0, chance.choice((1, 2, 2, 3, 4, 5, 8)), chance.uniform(0.7, 1.15)
    while at < wake:
        for stage, usual in CYCLE:
            growth = {"deep": depth * (1.25 - 0.28 * cycle), "rem": depth * (0.6 + 0.35 * cycle), "awake": restless}
            length = max(1, round(usual * growth.get(stage, 1.0) * chance.uniform(0.7, 1.3)))
            end = min(wake, at + length * MINUTE)
            if end > at:
                yield Stage(stage, at, end)
            at = end
        cycle += 1


def _by_ring(day: DemoDay, bed: int, wake: int) -> Iterator[Stage]:
    """Yield the same night from the finger: other minutes at both ends, and some stages taken for their neighbours."""
    chance = day.chance("ring night")
    shift = [chance.randint(-RING_MINUTES, RING_MINUTES) * MINUTE for _ in range(2)]
    taken = {"light": ("light",) * 8 + ("awake",), "deep": ("deep",) * 6 + ("light",), "rem": ("rem",) * 6 + ("light",)}
    for stage, start, end in _stages(day, bed + shift[0], wake + shift[1]):
        yield Stage(chance.choice(taken.get(stage, (stage,))), start, end)


def _score(stages: tuple[Stage, ...]) -> int:
    """Like the vendors' own: length, calm, and the share of deep and REM sleep."""
    length = {name: 0 for name, _ in CYCLE}
    for stage in stages:
        length[stage.stage] += stage.end - stage.start
    total = sum(length.values())
    asleep_ms = total - length["awake"]
    duration: float = min(1.0, asleep_ms / (8 * 60 * MINUTE)) ** 1.5
    calm = max(0.0, 1 - 4 * length["awake"] / total)
    depth = min(1.0, (length["deep"] + length["rem"]) / (0.45 * asleep_ms))
    return round(100 * (0.5 * duration + 0.25 * calm + 0.25 * depth))
