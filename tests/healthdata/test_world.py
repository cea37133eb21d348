"""Figures of a simulated life against the truth, through the store and the API."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import UserZone
from healthdata.store import store
from tests.healthdata.reading import EndUserCase
from tests.healthdata.world.devices import FIELDS
from tests.healthdata.world.errors import SIMPLER, distribution, reported
from tests.healthdata.world.life import Life, live
from tests.healthdata.world.nights import all_added, errors_of_sleep, reported_nights

pytestmark = pytest.mark.django_db

FIRST, DAYS = date(2025, 1, 1), 110  # with a flight to India and back


@pytest.fixture(scope="module")
def life() -> Life:
    return live(FIRST, DAYS)


def live_where(case: EndUserCase, life: Life) -> None:
    """The zones of the journeys."""
    UserZone.objects.filter(user_key=case.end_user.key).delete()
    UserZone.objects.bulk_create(
        UserZone(user_key=case.end_user.key, valid_from=start, zone=zone) for start, zone in life.zones.entries
    )


def figures_of(case: EndUserCase, life: Life) -> dict[date, dict[str, Any]]:
    live_where(case, life)
    batches = [found for _, found in reported(life)]
    for at in range(0, len(batches), 30):
        store(case.end_user.key, batches[at : at + 30])
    last = FIRST + timedelta(days=DAYS - 1)
    shown = case.get("summaries/activity", start_date=str(FIRST), end_date=str(last))["data"]
    return {date.fromisoformat(one["date"]): one for one in shown}


def test_nearly_every_day_is_within_three_percent_and_none_is_doubled(jane: EndUserCase, life: Life) -> None:
    figures = figures_of(jane, life)
    for field in FIELDS:
        ours = distribution(life, figures, field)
        assert ours.close >= 0.95, (field, ours.close, ours.at(0.95))
        assert ours.largest < 0.2, (field, ours.largest)


def test_sleep_is_within_three_percent_on_nearly_every_day(jane: EndUserCase, life: Life) -> None:
    live_where(jane, life)
    nights = reported_nights(life)
    for night in nights:
        for batch in night.batches:
            store(jane.end_user.key, [batch])
    last = FIRST + timedelta(days=DAYS - 1)
    days = jane.get("summaries/sleep", start_date=str(FIRST), end_date=str(last))["data"]
    shown = {
        date.fromisoformat(day["date"]): ((day["sleep_duration_seconds"] or 0) + day["naps"]["sleep_duration_seconds"])
        / 60
        for day in days
    }
    ours = errors_of_sleep(nights, shown)
    assert ours.close >= 0.95, (ours.close, ours.at(0.95))
    assert ours.largest < 0.2, ours.largest
    assert errors_of_sleep(nights, all_added(nights)).at(0.5) > 1  # twice and three times over


@pytest.mark.parametrize("rule", SIMPLER)
def test_simpler_rules_are_wrong_where_ours_is_right(life: Life, rule: str) -> None:
    simple = distribution(life, SIMPLER[rule](reported(life)), "steps")
    assert simple.close < 0.9
