"""Figures of a simulated life against the truth, through the store and the API."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import UserZone
from healthdata.store import store
from tests.healthdata.reading import EndUserCase
from tests.healthdata.world.devices import FIELDS
from tests.healthdata.world.errors import SIMPLER, distribution, told
from tests.healthdata.world.life import Life, live

pytestmark = pytest.mark.django_db

FIRST, DAYS = date(2025, 1, 1), 110  # with a flight to India and back


@pytest.fixture(scope="module")
def life() -> Life:
    return live(FIRST, DAYS)


def figures_of(case: EndUserCase, life: Life) -> dict[date, dict[str, Any]]:
    UserZone.objects.filter(user_key=case.end_user.key).delete()
    UserZone.objects.bulk_create(
        UserZone(user_key=case.end_user.key, valid_from=start, zone=zone) for start, zone in life.zones.entries
    )
    batches = [found for _, found in told(life)]
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


@pytest.mark.parametrize("rule", SIMPLER)
def test_simpler_rules_are_wrong_where_ours_is_right(life: Life, rule: str) -> None:
    simple = distribution(life, SIMPLER[rule](told(life)), "steps")
    assert simple.close < 0.9
