"""The lines of samples are what the serializer says, for any value, zone, length and name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthdata import serializers
from healthdata.exports.lines import CSV_COLUMNS, CSV_LINES, JSON_LINES, LineStream, LineWriter
from healthdata.models.series import HOUR_MS
from healthdata.queries.chunks import Chunk
from healthdata.queries.rows import SampleRow, ordinal_of, sample_id
from healthdata.store.columns import NO_ZONE

SERIES = ("heart_rate", "steps", "dietary_protein")
VALUES = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)
NAMES = st.none() | st.text(max_size=20)
ROWS = st.lists(
    st.tuples(
        st.integers(0, HOUR_MS - 1), VALUES, st.sampled_from([0, 1, 60_000]), st.sampled_from([NO_ZONE, 0, 330, -210])
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[0],
).map(sorted)


def chunk_of(rows: list[tuple[int, float, int, int]], hour: int, *, plain: bool) -> Chunk:
    offsets, values, durations, zones = map(list, zip(*rows, strict=True))
    if plain:
        return Chunk(1, hour, offsets, values, None, 120, None)
    return Chunk(1, hour, offsets, values, durations, None, zones)


def expected(stream: LineStream, chunk: Chunk, index: int) -> SampleRow:
    at, value = chunk.hour * HOUR_MS + chunk.offsets[index], chunk.vals[index]
    duration = None if chunk.durations is None else chunk.durations[index] or None
    identity = sample_id(stream.key48, at, ordinal_of(stream.series, value))
    return SampleRow(identity, at, stream.series, value, stream.provider, stream.device, duration, chunk.zone_at(index))


@given(rows=ROWS, hour=st.integers(0, 600_000), series=st.sampled_from(SERIES), device=NAMES, plain=st.booleans())
def test_every_line_is_the_object_of_the_api(
    rows: list[tuple[int, float, int, int]], hour: int, series: str, device: str | None, plain: bool
) -> None:
    stream = LineStream(series, 0xA1B2C3D4E5F6, "apple", device)
    chunk = chunk_of(rows, hour, plain=plain)
    count, data = LineWriter(stream, JSON_LINES).chunk(chunk, 0, 2**62)
    assert count == len(rows)
    found = [json.loads(line) for line in data.split(b"\n")[:-1]]
    assert found == [serializers.sample(expected(stream, chunk, index)) for index in range(len(rows))]
    assert list(found[0]) == list(serializers.sample(expected(stream, chunk, 0)))


def test_only_the_samples_of_the_range_are_written() -> None:
    chunk = Chunk(1, 10, [0, 1_000, 2_000, 3_000], [1.0, 2.0, 3.0, 4.0], None, None, None)
    writer = LineWriter(LineStream("heart_rate", 1, "apple", None), JSON_LINES)
    start = 10 * HOUR_MS
    count, data = writer.chunk(chunk, start + 1_000, start + 3_000)
    assert count == 2
    assert [json.loads(line)["value"] for line in data.splitlines()] == [2.0, 3.0]
    assert writer.chunk(chunk, start + 5_000, start + 6_000) == (0, b"")


def test_a_figure_of_a_day_stands_at_its_midnight_and_says_so() -> None:
    stream = LineStream("dietary_protein", 7, "oura", "Ring", is_daily=True)
    line = json.loads(LineWriter(stream, JSON_LINES).daily(1_776_204_000_000, 81.5, 120))
    assert (line["grain"], line["zone_offset"], line["duration_seconds"]) == ("daily", "+02:00", None)
    assert line["id"] == sample_id(7, 1_776_204_000_000)


@pytest.mark.parametrize(
    ("device", "written"),
    [('=cmd|"/c calc"', '"\'=cmd|""/c calc"""'), ("+1", "'+1"), ("a,b", '"a,b"'), (None, ""), ('O"Hara', '"O""Hara"')],
)
def test_a_table_quotes_names_and_lets_none_be_computed(device: str | None, written: str) -> None:
    writer = LineWriter(LineStream("heart_rate", 1, "apple", device), CSV_LINES)
    _, data = writer.chunk(Chunk(1, 0, [0], [1.5], [2_000], 0, None), 0, HOUR_MS)
    assert data.decode().endswith(f",heart_rate,1.5,bpm,+00:00,2.0,interval,apple,{written}\n")
    assert CSV_LINES.header == f"{','.join(CSV_COLUMNS)}\n".encode()
