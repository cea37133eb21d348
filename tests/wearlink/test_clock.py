"""The clock's two notations."""

import pytest

from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput


def test_a_whole_second_has_no_fraction() -> None:
    assert clock.rfc3339(1_772_600_767_000) == "2026-03-04T05:06:07Z"


def test_a_fraction_has_three_digits() -> None:
    assert clock.rfc3339(1_772_600_767_040) == "2026-03-04T05:06:07.040Z"


def test_moments_before_the_epoch_are_written_too() -> None:
    assert clock.rfc3339(-1) == "1969-12-31T23:59:59.999Z"


@pytest.mark.parametrize(
    ("text", "ms", "offset"),
    [
        ("2026-03-04T05:06:07Z", 1_772_600_767_000, 0),
        ("2026-03-04T10:36:07+05:30", 1_772_600_767_000, 330),
        ("2026-03-04T10:36:07+0530", 1_772_600_767_000, 330),
        ("2026-03-04T00:06:07.1239-05:00", 1_772_600_767_123, -300),
        ("2026-03-04 05:06:07", 1_772_600_767_000, None),
        ("2026-03-04T05:06z", 1_772_600_760_000, 0),
    ],
)
def test_every_accepted_notation_gives_moment_and_offset(text: str, ms: int, offset: int | None) -> None:
    assert clock.parse_rfc3339(text) == (ms, offset)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-02-30T00:00:00Z", "2026-03-04", "2026-03-04T25:00:00Z", "2026-03-04T05:06:07+19:00"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        clock.parse_rfc3339(text)


def test_writing_and_reading_agree() -> None:
    now = clock.now_ms()
    assert clock.parse_rfc3339(clock.rfc3339(now)) == (now, 0)
    assert clock.from_ms(now).timestamp() * 1000 == pytest.approx(now)
    assert clock.to_ms(clock.from_ms(now)) == now


@pytest.mark.parametrize("ms", [0, -1000, 999_000, 1_776_233_100_000, 86_399_000, 951_782_400_000, -62_135_596_800_000])
def test_every_moment_is_written_as_the_calendar_has_it(ms: int) -> None:
    assert clock.rfc3339(ms) == clock.from_ms(ms).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)
