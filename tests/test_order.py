"""A run begins with its long tests, each worker with its own, and changes no other order."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.order import in_sequence, longest_first


@dataclass(frozen=True, slots=True)
class PlacedTest:
    """A test as far as its place goes."""

    name: str
    path: Path
    marker: str = ""
    number: int = 0

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return getattr(pytest.mark, name)(self.number).mark if name == self.marker else None


def placed_in(file: str, number: int, marker: str = "") -> list[PlacedTest]:
    return [PlacedTest(f"{file}::{one}", Path(file), marker) for one in range(number)]


QUICK = [*placed_in("quick.py", 20), *placed_in("other.py", 20)]
SLOW = [*placed_in("slow.py", 3, "slow"), *placed_in("hostile.py", 3, "fault")]
FAULTS = placed_in("faults/broker.py", 4, "fault")
SHUFFLED = [*QUICK[:15], *SLOW[:3], *QUICK[15:], *FAULTS, *SLOW[3:]]


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 7])
def test_every_test_runs_once_and_the_quick_ones_keep_their_order(workers: int) -> None:
    ordered = longest_first(SHUFFLED, workers)
    assert sorted(one.name for one in ordered) == sorted(one.name for one in SHUFFLED)
    assert [one for one in ordered if not one.marker] == QUICK


def test_one_worker_alone_has_the_order_it_was_given() -> None:
    assert longest_first(SHUFFLED, 1) == SHUFFLED


def test_the_first_worker_begins_with_faults_and_the_others_with_what_is_slow() -> None:
    ordered = longest_first(SHUFFLED, 2)
    half = len(SHUFFLED) // 2
    assert ordered[: len(FAULTS)] == FAULTS
    assert ordered[half : half + len(SLOW)] == SLOW
    ordered, third = longest_first(SHUFFLED, 3), len(SHUFFLED) // 3
    assert ordered[: len(FAULTS)] == FAULTS
    assert ordered[third : third + 3] == SLOW[:3]
    second = third + (len(SHUFFLED) - third) // 2
    assert ordered[second : second + 3] == SLOW[3:]


def test_a_selection_of_long_tests_only_is_whole_too() -> None:
    chosen = [*FAULTS, *SLOW]
    assert longest_first(chosen, 3) == chosen


def test_what_has_its_place_in_a_sequence_keeps_it_and_no_other_test_moves() -> None:
    one, two, three = (PlacedTest(f"bench.py::{n}", Path("bench.py"), "sequence", n) for n in (1, 2, 3))
    shuffled = [QUICK[0], three, QUICK[1], QUICK[2], one, two, SLOW[0]]
    assert in_sequence(shuffled) == [QUICK[0], one, QUICK[1], QUICK[2], two, three, SLOW[0]]
    assert in_sequence(QUICK) == QUICK
