"""The scope of a database session: set only when it changes, and never wrong; statements stay quick."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection, transaction

from accounts.end_users import users
from accounts.models import EndUser
from healthdata.models import SampleChunk, Source, Stream
from healthdata.models.series import HOUR_MS
from healthdata.queries import chunks, opening, streams
from tests import factories
from wearlink.lib import tenancy
from wearlink.lib.postgres import prepared
from wearlink.lib.postgres.base import DatabaseWrapper

pytestmark = pytest.mark.django_db
WHOLE = {"n": 1, "day": 0, "lo": 60.0, "hi": 60.0, "total": 60.0, "final": 60.0}


def settings_of_session() -> tuple[str, str, str]:
    """Return whom PostgreSQL takes the session to work for; asked past Django, which would tell it."""
    asked = "SELECT current_user, current_setting('app.organization_id', true), current_setting('app.user_key', true)"
    row = connection.connection.execute(asked).fetchone()
    return str(row[0]), row[1] or "", row[2] or ""


def trips_for_scope(trips: list[bytes], work: Callable[[], object]) -> int:
    """Return how many trips the work takes only to tell the session its scope."""
    before = len(trips)
    work()
    return len(trips) - before


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return the settings sent to sessions, as they are sent."""
    words: list[bytes] = []
    say = DatabaseWrapper._words

    def noted(*arguments: Any) -> bytes:
        words.append(say(*arguments))
        return words[-1]

    monkeypatch.setattr(DatabaseWrapper, "_words", noted)
    return words


def test_on_one_connection_no_request_sees_what_the_one_before_was_about(trips: list[bytes]) -> None:
    alice, charlie = factories.alice(), factories.charlie()
    users_of = {owner: [factories.end_user(owner.organization) for _ in range(2)] for owner in (alice, charlie)}
    clients = {owner: factories.key_client(owner) for owner in users_of}
    seen: list[tuple[str, str, str]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if "healthdata_" in str(sql):
            seen.append(settings_of_session())
        return result

    turns = [(alice, 0), (alice, 1), (charlie, 0), (charlie, 0), (alice, 1), (charlie, 1), (alice, 0)]
    with connection.execute_wrapper(note):
        for owner, turn in turns:
            user, seen[:] = users_of[owner][turn], []
            path = f"/api/v1/users/{user.id}/health-scores"
            assert clients[owner].get(path).status_code == 200
            assert seen
            assert {row[1:] for row in seen} == {(str(owner.organization_id), str(user.key))}
            assert all(row[0].endswith("_tenant") for row in seen)
            stranger = users_of[charlie if owner is alice else alice][0]
            assert clients[owner].get(f"/api/v1/users/{stranger.id}/health-scores").status_code == 404
            assert settings_of_session()[1:] == (str(owner.organization_id), str(user.key))


def test_a_user_found_in_what_is_rolled_back_is_not_taken_for_told() -> None:
    alice, charlie = factories.alice(), factories.charlie()
    hers, his = factories.end_user(alice.organization), factories.end_user(charlie.organization)
    with tenancy.organization(alice.organization_id, user_key=hers.key):
        assert EndUser.objects.get() == hers
    with tenancy.organization(charlie.organization_id):
        with transaction.atomic():
            assert users.find(charlie.organization, his.id) == his
            transaction.set_rollback(True)
        tenancy.look_at(his.key)
        assert EndUser.objects.get() == his
        assert settings_of_session()[1:] == (str(charlie.organization_id), str(his.key))


def test_requests_of_one_organization_take_no_trip_to_tell_whose_they_are(trips: list[bytes]) -> None:
    alice = factories.alice()
    client, people = factories.key_client(alice), [factories.end_user(alice.organization) for _ in range(2)]
    paths = [f"/api/v1/users/{user.id}/summaries/body" for user in people]
    client.get("/api/v1/users")
    for path in [*paths, "/api/v1/users", *paths]:
        assert trips_for_scope(trips, lambda path=path: client.get(path)) == 0, path


@pytest.mark.parametrize("statement", ["HEADS", "FIND_WITH_HEADS", "OPEN"])
def test_behind_the_wall_the_hours_of_a_range_are_found_by_the_index(statement: str) -> None:
    """Arithmetic that may fail is kept from the index there, and every earlier hour would be read."""
    user = factories.end_user(factories.alice().organization)
    source = Source.objects.create(user_key=user.key, provider="apple", key="watch")
    stream = Stream.objects.create(user_key=user.key, source=source, series="heart_rate", grain=1, span=1, key48=1)
    SampleChunk.objects.bulk_create(
        SampleChunk(user_key=user.key, stream_id=stream.id, hour=hour, offsets=[0], vals=[60.0], **WHOLE)
        for hour in range(1_000)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE healthdata_samplechunk, healthdata_stream, healthdata_source, accounts_enduser"
        )  # else the plan is one for whatever other tests left behind
    named = {"user": user.key, "series": ["heart_rate"], "provider": None, "source": None}
    hours = {"earliest": 877, "first": 900, "last": 901}
    ends = {"start": 900 * HOUR_MS, "end": 902 * HOUR_MS - 1, "begin": 900 * HOUR_MS}
    page = {**ends, "until": 900, "wanted": 101, "counted": True}
    sql, values = {
        "HEADS": (chunks.HEADS, [[stream.id], [900], user.key, 901]),
        "FIND_WITH_HEADS": (streams.FIND_WITH_HEADS, {**named, **hours}),
        "OPEN": (opening.OPEN, {**named, **hours, **page}),
    }[statement]
    with tenancy.organization(user.organization_id, user_key=user.key), prepared() as cursor:
        cursor.execute(sql, values)
        assert len(cursor.fetchall()) == 2
        cursor.execute(f"EXPLAIN ANALYZE {sql}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert sum(int(number) for number in re.findall(r"Rows Removed by .*: (\d+)", plan)) < 50, plan


def test_a_session_plans_for_small_statements() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('plan_cache_mode'), current_setting('max_parallel_workers_per_gather'),"
            " current_setting('jit')"
        )
        assert cursor.fetchone() == ("force_generic_plan", "0", "off")


@pytest.mark.parametrize("text", ["2026-03-04 05:06:07.000008+00", "1900-01-01 00:00:00+05:30", "0001-01-01 00:00+00"])
def test_moments_are_read_to_the_microsecond_in_utc(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        (moment,) = cursor.fetchone()
    assert (moment, moment.utcoffset()) == (datetime.fromisoformat(text), timedelta())


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 12:00+00 BC"])
def test_moments_outside_the_calendar_are_refused(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        with pytest.raises(DataError):
            cursor.fetchone()
