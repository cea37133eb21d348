"""Sleep: when somebody lay in bed, the stages of a night, the odd nap, and nights the watch was not worn."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from wearlink.demo.day import MINUTE, DemoDay
from wearlink.demo.demo_users import Device

UNSTAGED_EVERY: Final = 11  # nights: the watch is on its charger and the phone alone notices
NAP_EVERY: Final = 8  # days
CYCLE: Final = (("light", 24), ("deep", 28), ("light", 18), ("rem", 16), ("awake", 3))  # minutes, about 90


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
        """Ms."""
        return self.stages[0].start

    @property
    def end(self) -> int:
        """Ms."""
        return self.stages[-1].end


def bed_times(day: DemoDay) -> tuple[int, int]:
    """When the end user went to bed and got up, of the night that ends on this day; later at weekends."""
    chance = day.chance("bed")
    late = 0.7 if day.date.weekday() >= 5 else 0.0
    bed = day.demo_user.bed_hour + late + chance.gauss(0, 0.5)
    wake = day.demo_user.wake_hour + 1.3 * late + chance.gauss(0, 0.45)
    return day.at(bed), day.at(wake)


def asleep(day: DemoDay) -> list[tuple[int, int]]:
    """Every stretch of sleep that touches the day, as (start, end)."""
    found = [bed_times(day), bed_times(day.next)]
    nap = _nap_times(day)
    return [*found, nap] if nap else found


def nights(day: DemoDay) -> Iterator[DemoNight]:
    """The sessions that end on this day: the night, and some days a nap."""
    name = f"{day.demo_user.external_id}-{day.date.isoformat()}"
    bed, wake = bed_times(day)
    if day.every(UNSTAGED_EVERY, 3):
        yield DemoNight(f"{name}-night", day.demo_user.phone, (Stage("sleeping", bed, wake),), None)
    else:
        stages = tuple(_stages(day, bed, wake))
        yield DemoNight(f"{name}-night", day.demo_user.watch, stages, _score(stages))
    nap = _nap_times(day)
    if nap:
        start, end = nap
        doze = Stage("light", start, end - 6 * MINUTE), Stage("awake", end - 6 * MINUTE, end)
        yield DemoNight(f"{name}-nap", day.demo_user.watch, doze, None)


def _nap_times(day: DemoDay) -> tuple[int, int] | None:
    if not day.every(NAP_EVERY, 5):
        return None
    chance = day.chance("nap")
    start = day.at(13.6 + chance.random())
    return start, start + chance.randint(25, 55) * MINUTE


def _stages(day: DemoDay, bed: int, wake: int) -> Iterator[Stage]:
    """Falling asleep, then cycles in which deep sleep fades and REM grows towards the morning."""
    chance = day.chance("stages")
    at = bed + chance.randint(6, 18) * MINUTE
    yield Stage("awake", bed, at)
    cycle, restless = 0, chance.choice((1, 1, 1, 2, 2, 4, 7))
    while at < wake:
        for stage, usual in CYCLE:
            growth = {"deep": 1.25 - 0.28 * cycle, "rem": 0.6 + 0.35 * cycle, "awake": restless}.get(stage, 1.0)
            end = min(wake, at + max(2, round(usual * growth * chance.uniform(0.75, 1.25))) * MINUTE)
            if end > at:
                yield Stage(stage, at, end)
            at = end
        cycle += 1


def _score(stages: tuple[Stage, ...]) -> int:
    """Like the vendors' own: length, calm, and the share of deep and REM sleep."""
    length = {name: 0 for name, _ in CYCLE}
    for stage in stages:
        length[stage.stage] += stage.end - stage.start
    total = sum(length.values())
    asleep_ms = total - length["awake"]
    duration = min(1.0, asleep_ms / (8 * 60 * MINUTE))
    calm = asleep_ms / total
    depth = min(1.0, (length["deep"] + length["rem"]) / (0.45 * asleep_ms))
    return round(100 * (0.5 * duration + 0.25 * calm + 0.25 * depth))
