"""Names that strangers send are remembered up to a length, so that nobody fills a worker's memory with them."""

import pytest

from healthdata import catalogue, sleep, units
from healthdata.units import UnknownUnit

LONG = "x" * 10_000


def test_names_of_any_length_are_read_and_only_short_ones_remembered() -> None:
    memories = (catalogue._workout_type, sleep._stage_name, units._plan)
    before = [memory.cache_info().currsize for memory in memories]
    for n in range(50):
        assert catalogue.workout_type(f"{n}{LONG}", "apple") == (catalogue.OTHER, False)
        assert sleep.stage_name(f"{n}{LONG}", "apple") is None
        with pytest.raises(UnknownUnit):
            units.plan(f"{n}{LONG}", "heart_rate", "apple")
    assert [memory.cache_info().currsize for memory in memories] == before
