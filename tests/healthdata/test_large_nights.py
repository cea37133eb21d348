"""Nights of any shape are told in time that grows with their rows, not with the square of them."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from healthdata.models import SleepSession
from healthdata.records import Record, StageRecord
from healthdata.store import store
from tests.healthdata.reading import HOUR, MINUTE, WATCH, at

pytestmark = pytest.mark.django_db
USER = 7
FIRST = at("2015-01-01T00:00:00Z")


def chain(rows: int) -> list[Record]:
    """Return rows of a day each, one after the other for years: one session, as far as gaps tell."""
    return [StageRecord(WATCH, FIRST + n * 24 * HOUR, FIRST + (n + 1) * 24 * HOUR, "light") for n in range(rows)]


def test_an_edit_in_years_without_a_gap_takes_few_queries() -> None:
    store(USER, [chain(2_000)])
    edit = StageRecord(WATCH, FIRST, FIRST + HOUR, "deep")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        begun = time.thread_time()
        store(USER, [[edit]])
    assert len(queries) < 60
    assert time.thread_time() - begun < 2


def test_thousands_of_naps_find_their_own_rows_again() -> None:
    naps = [StageRecord(WATCH, FIRST + n * 4 * HOUR, FIRST + n * 4 * HOUR + MINUTE, "light") for n in range(1_000)]
    store(USER, [naps])
    before = dict(SleepSession.objects.values_list("start", "pk"))
    begun = time.thread_time()
    store(USER, [[StageRecord(WATCH, row.start, row.end + MINUTE, "light") for row in naps[:500]]])
    assert dict(SleepSession.objects.values_list("start", "pk")) == before
    assert time.thread_time() - begun < 5
