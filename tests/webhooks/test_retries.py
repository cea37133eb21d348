"""The times at which a failed delivery is tried again."""

from datetime import UTC, datetime

import pytest

from accounts.webhooks.delivery import retries
from wearlink.lib.net import retry_after

NOW = datetime(2026, 4, 23, 10, 0, tzinfo=UTC)


def test_eight_attempts_with_the_documented_delays_around_them() -> None:
    middle = [retries.delay(n, overloaded=False, retry_after=None, chance=0.5) for n in range(1, 9)]
    assert middle == [5, 300, 1800, 7200, 18_000, 36_000, 36_000, None]


@pytest.mark.parametrize(("chance", "factor"), [(0.0, 0.8), (0.999999, 1.2)])
def test_delays_vary_by_a_fifth(chance: float, factor: float) -> None:
    found = retries.delay(2, overloaded=False, retry_after=None, chance=chance)
    assert found == pytest.approx(300 * factor, rel=1e-4)


@pytest.mark.parametrize(("asked", "given"), [(1, 300), (400, 400), (10_000, 600)])
def test_retry_after_is_kept_between_the_delay_and_its_double(asked: float, given: float) -> None:
    assert retries.delay(2, overloaded=False, retry_after=asked) == given


def test_an_overloaded_endpoint_gets_a_minute_at_least() -> None:
    assert retries.delay(1, overloaded=True, retry_after=None) == 60
    assert retries.delay(2, overloaded=True, retry_after=None, chance=0.5) == 300


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Thu, 23 Apr 2026 10:02:00 GMT", 120),
        ("Thu, 23 Apr 2026 09:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        (None, None),
        ("-5", None),
        ("Thu, 23 Apr 2026 10:02:00", 120),
        ("9" * 5000, 86_400),
        ("٣٠", None),
        ("Mon, 99999999999999999999 Jan 2024 00:00:00 GMT", None),
        ("Thu, 23 Apr 2026 10:02:00 +9999999999999999999", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after.seconds_until(header, NOW) == seconds


def test_handing_over_to_the_service_never_ends_and_waits_a_quarter_of_an_hour_at_most() -> None:
    assert 4 <= retries.service_delay(1) <= 6
    assert 700 < retries.service_delay(1000) < 1100
