"""The merge of newcomers into a chunk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthdata.store.columns import NO_ZONE, Columns, from_rows, in_order, merge, without, without_range

Row = tuple[int, float, int, int]


def columns(*rows: Row) -> Columns:
    return from_rows(rows)


def rows_of(found: Columns) -> list[Row]:
    return list(found.rows())


def test_an_empty_chunk_takes_all() -> None:
    merged = merge(None, columns((0, 60.0, 0, 120), (5, 61.0, 0, 120)), keep=False)
    assert (merged.inserted, merged.updated, merged.unchanged) == (2, 0, 0)
    assert merged.columns.zones == 120
    assert merged.columns.durations is None


def test_the_same_rows_again_change_nothing() -> None:
    old = columns((0, 60.0, 0, 120), (5, 61.0, 0, 120))
    merged = merge(old, columns((0, 60.0, 0, 120), (5, 61.0, 0, 120)), keep=False)
    assert (merged.inserted, merged.updated, merged.unchanged) == (0, 0, 2)
    assert merged.changed is None


def test_a_row_without_a_zone_does_not_take_the_known_one_away() -> None:
    old = columns((0, 60.0, 0, 120), (5, 61.0, 0, 120))
    merged = merge(old, columns((0, 60.0, 0, NO_ZONE), (5, 99.0, 0, NO_ZONE)), keep=False)
    assert (merged.inserted, merged.updated, merged.unchanged) == (0, 1, 1)
    assert rows_of(merged.columns) == [(0, 60.0, 0, 120), (5, 99.0, 0, 120)]


def test_a_newer_value_replaces_the_older_and_neighbours_stay() -> None:
    old = columns((0, 60.0, 0, 120), (5, 61.0, 0, 120), (9, 62.0, 0, 120))
    merged = merge(old, columns((5, 99.0, 0, 120)), keep=False)
    assert (merged.inserted, merged.updated, merged.unchanged) == (0, 1, 0)
    assert merged.columns.vals == [60.0, 99.0, 62.0]
    assert merged.changed is not None
    assert rows_of(merged.changed) == [(5, 99.0, 0, 120)]


def test_a_growing_interval_is_an_update() -> None:
    old = columns((0, 100.0, 60_000, 0))
    merged = merge(old, columns((0, 250.0, 120_000, 0)), keep=False)
    assert (merged.inserted, merged.updated) == (0, 1)
    assert rows_of(merged.columns) == [(0, 250.0, 120_000, 0)]


def test_two_foods_of_one_instant_both_stay() -> None:
    old = columns((0, 12.0, 0, 0))
    merged = merge(old, columns((0, 30.0, 0, 0)), keep=True)
    assert merged.inserted == 1
    assert merged.columns.vals == [12.0, 30.0]
    assert merge(merged.columns, columns((0, 12.0, 0, 0)), keep=True).unchanged == 1


def test_a_repeat_within_one_batch_counts_as_unchanged() -> None:
    twice = Columns([0, 0], [72.0, 72.0], None, 120)
    merged = merge(None, twice, keep=False)
    assert (merged.inserted, merged.unchanged) == (1, 1)


def test_of_two_values_in_one_batch_the_later_wins() -> None:
    merged = merge(None, Columns([0, 0], [72.0, 75.0], None, 120), keep=False)
    assert merged.columns.vals == [75.0]
    assert (merged.inserted, merged.updated) == (1, 1)


def test_rows_of_two_zones_keep_their_own() -> None:
    merged = merge(columns((0, 1.0, 0, 60)), columns((5, 2.0, 0, 120)), keep=False)
    assert merged.columns.zones == [60, 120]
    assert rows_of(merged.columns)[0] == (0, 1.0, 0, 60)


def test_appending_an_interval_to_instants_keeps_both_durations() -> None:
    merged = merge(columns((0, 1.0, 0, 0)), columns((5, 2.0, 30, 0)), keep=False)
    assert merged.columns.durations == [0, 30]


def test_rows_out_of_order_are_sorted_and_equals_keep_their_order() -> None:
    found = in_order(Columns([9, 1, 9], [1.0, 2.0, 3.0], [7, 0, 8], [0, 60, 120]))
    assert rows_of(found) == [(1, 2.0, 0, 60), (9, 1.0, 7, 0), (9, 3.0, 8, 120)]


@pytest.mark.parametrize(("value", "left"), [(1.0, [2.0]), (None, []), (5.0, [1.0, 2.0])])
def test_rows_are_taken_out_by_offset_and_value(value: float | None, left: list[float]) -> None:
    stay, gone = without(columns((3, 1.0, 0, 0), (3, 2.0, 0, 0)), [(3, value)])
    assert stay.vals == left
    assert gone == 2 - len(left)


def test_a_range_is_taken_out_without_its_end() -> None:
    stay, gone = without_range(columns((0, 1.0, 0, 0), (5, 2.0, 0, 0), (9, 3.0, 0, 0)), 0, 9)
    assert (stay.vals, gone) == ([3.0], 2)


row_lists = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.floats(0, 200, allow_nan=False),
        st.sampled_from([0, 10]),
        st.sampled_from([NO_ZONE, 60, 120]),
    ),
    max_size=12,
)


@given(st.lists(row_lists, max_size=4), st.booleans())
def test_merging_equals_writing_row_by_row(batches: list[list[Row]], keep: bool) -> None:
    """The shortcuts for fresh, equal and later rows give what the plain rule gives."""
    expected: dict[object, Row] = {}
    state: Columns | None = None
    for batch in batches:
        ordered = sorted(batch, key=lambda row: row[0])
        for row in ordered:
            identity = (row[0], row[1]) if keep else row[0]
            if row[3] == NO_ZONE and identity in expected:
                row = (*row[:3], expected[identity][3])
            expected[identity] = row
        if batch:
            merged = merge(state, from_rows(ordered), keep=keep)
            state = merged.columns
            assert merged.inserted + merged.updated + merged.unchanged == len(batch)
    assert (rows_of(state) if state else []) == sorted(expected.values())
