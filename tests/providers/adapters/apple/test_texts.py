"""Records become the same whether thousands are normalised at a go or each by itself."""

import io
import pickle
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from healthdata.days import ZoneHistory
from providers.adapters.apple.export import export as apple_export
from providers.adapters.apple.export.archive import Bounds
from providers.adapters.apple.export.records import ExportRecordNormaliser
from providers.contract import Context
from tests.providers.exports import HEART_RATE, RECEIVED, SLEEP, Read, export, heart_rates, metadata, record

MASS = "HKQuantityTypeIdentifierBodyMass"
STEPS = "HKQuantityTypeIdentifierStepCount"
TIMES = ["2026-04-15 08:30:00 +0200", "2026-04-15 09:00:00 +0200", "2026-10-25 02:30:00 +0100", "20140114084347-0800"]
DATES = st.sampled_from([*TIMES, "", "yesterday", "1912-01-01 00:00:00 +0000", "2099-01-01 00:00:00 +0000", None])
VALUES = st.sampled_from(["72", "72.5", "1e1", "-5", "nan", "inf", "100000", "", "abc", None])
#: Few kinds and mostly good values, so that records share piles and a bad one is among good ones.
KINDS = st.sampled_from([
    (HEART_RATE, "count/min"), (HEART_RATE, "count/min"), (STEPS, "count"), (MASS, "lb"), (MASS, "furlong"),
    (SLEEP, None), ("HKNothing", "count"), (None, None),
])  # fmt: skip
RECORDS = st.builds(
    lambda kind, version, start, end, value: {
        "type": kind[0], "unit": kind[1], "sourceVersion": version, "startDate": start, "endDate": end, "value": value,
    },
    KINDS, st.sampled_from(["10.3.1", "11.0"]), *[st.just(TIMES[0]) | DATES] * 2, st.just("72") | VALUES,
)  # fmt: skip
INNER = st.sampled_from(["", "", "", metadata("HKTimeZone", "America/New_York"), metadata("HKWasUserEntered", "1")])


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every record looked at by itself."""
    monkeypatch.setattr(ExportRecordNormaliser, "columns", lambda self, texts: None)
    monkeypatch.setattr(apple_export, "FEW", 10**9)


def sorted_records(read: Read) -> list[str]:
    return sorted(map(repr, read.records))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(elements=st.lists(st.tuples(INNER, RECORDS), max_size=30), zone=st.sampled_from(["UTC", "Europe/Warsaw"]))
def test_at_a_go_and_one_by_one_give_the_same(elements: list[tuple[str, dict[str, Any]]], zone: str) -> None:
    content = export(*(record(inner, **attributes) for inner, attributes in elements))
    together = Read(content, zone=zone)
    with pytest.MonkeyPatch.context() as patch:
        one_by_one(patch)
        apart = Read(content, zone=zone)
    assert sorted_records(together) == sorted_records(apart)
    assert together.rejected == apart.rejected
    assert len(together.records) + len(together.rejected) == len(elements)


@pytest.mark.parametrize(
    ("field", "text"),
    [("value", "nan"), ("value", "inf"), ("value", "-5"), ("value", "100000"), ("value", ""), ("value", None),
     ("startDate", "yesterday"), ("startDate", "1912-01-01 00:00:00 +0000"), ("endDate", "2099-01-01 00:00:00 +0000"),
     ("endDate", "2020-01-01 00:00:00 +0000"), ("endDate", None)],
)  # fmt: skip
def test_a_bad_record_between_good_ones_is_refused_alone(field: str, text: str | None) -> None:
    read = Read(export(heart_rates(2), record(**{field: text}), heart_rates(2, first=2)))
    assert [(one.index, one.field) for one in read.rejected] == [(2, field)]
    assert len(read.records) == 4


def test_one_bad_record_among_thousands_is_the_only_one_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    judge = ExportRecordNormaliser._judge

    def counted(self: ExportRecordNormaliser, index: int, item: dict[str, str]) -> Any:
        looked_at.append(index)
        return judge(self, index, item)

    monkeypatch.setattr(ExportRecordNormaliser, "_judge", counted)
    read = Read(export(heart_rates(1_500), record(value="abc"), heart_rates(1_500, first=1_500)))
    assert read.reasons == [("value", "not_a_number")]
    assert (read.rejected[0].index, len(read.records)) == (1_500, 3_000)
    assert len(looked_at) <= apple_export.FEW


def test_a_text_of_several_lines_stays_one_text() -> None:
    broken = record(value="7 2").replace("7 2", "7&#10;2")
    read = Read(export(heart_rates(3), broken, heart_rates(3, first=3)))
    assert read.reasons == [("value", "not_a_number")]
    assert len(read.records) == 6


def test_endless_texts_make_small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apple_export, "MAX_SLICE_BYTES", 300_000)
    content = export(heart_rates(2), *[record(value="7" * 100_000)] * 20, heart_rates(2, first=2))
    opened = apple_export.AppleExport(io.BytesIO(content), Bounds(10**9))
    parts = list(opened.slices(Context(RECEIVED, ZoneHistory(()))))
    assert max(len(pickle.dumps(part)) for part in parts) < 500_000
    assert sum(len(texts.places) for part in parts for texts in part.texts) == parts[-1].position == 24
