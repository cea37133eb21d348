"""An organization's use, counted in the transaction of the work itself."""

import os
from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from accounts import usage
from accounts.models import DailyUsage, Developer
from tests import factories
from wearlink.lib import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


def test_a_quota_is_told_its_new_total(alice: Developer) -> None:
    assert usage.count(alice.organization_id, usage.NUTRITION_PHOTOS, 2) == 2
    assert usage.count(alice.organization_id, usage.NUTRITION_PHOTOS) == 3
    assert usage.used(alice.organization_id, usage.NUTRITION_PHOTOS) == 3
    assert usage.used(alice.organization_id, usage.WEBHOOK_DELIVERIES) == 0
    assert usage.used(factories.charlie().organization_id, usage.NUTRITION_PHOTOS) == 0


def test_several_metrics_are_one_statement(alice: Developer, django_assert_num_queries: pytest.FixtureRequest) -> None:
    counted = {usage.VISION_INPUT_TOKENS: 1800, usage.VISION_OUTPUT_TOKENS: 240, usage.VISION_COST_MICROS: 0}
    with django_assert_num_queries(1):  # type: ignore[operator]
        usage.add(alice.organization_id, counted)
    assert usage.used(alice.organization_id, usage.VISION_INPUT_TOKENS) == 1800
    assert usage.used(alice.organization_id, usage.VISION_OUTPUT_TOKENS) == 240
    assert not DailyUsage.objects.filter(metric=usage.VISION_COST_MICROS).exists()


def test_workers_have_rows_of_their_own_and_the_day_is_their_sum(
    alice: Developer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pid in range(100, 120):
        monkeypatch.setattr(os, "getpid", lambda pid=pid: pid)
        usage.add(alice.organization_id, {usage.SAMPLES_STORED: 10})
    assert DailyUsage.objects.count() == usage.SLOTS
    assert usage.used(alice.organization_id, usage.SAMPLES_STORED) == 200


def test_what_is_rolled_back_was_never_counted(alice: Developer) -> None:
    with transaction.atomic():
        usage.add(alice.organization_id, {usage.SAMPLES_STORED: 10})
        transaction.set_rollback(True)
    assert usage.used(alice.organization_id, usage.SAMPLES_STORED) == 0


def test_a_day_ends_at_midnight_utc(alice: Developer, monkeypatch: pytest.MonkeyPatch) -> None:
    for moment in (datetime(2026, 3, 4, 23, 59, 59, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        usage.count(alice.organization_id, usage.NUTRITION_PHOTOS)
    assert usage.used(alice.organization_id, usage.NUTRITION_PHOTOS, date(2026, 3, 4)) == 1
    assert usage.used(alice.organization_id, usage.NUTRITION_PHOTOS, date(2026, 3, 5)) == 1


def test_a_metric_that_nobody_defined_is_a_fault_of_the_program(alice: Developer) -> None:
    with pytest.raises(LookupError, match="photoes"):
        usage.count(alice.organization_id, "photoes")
