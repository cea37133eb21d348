"""The demo: believable days, the same at every call, by the real road, once."""

import json
import stat
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command

from accounts import keys
from accounts.models import AuditEntry, Developer, EndUser, Organization
from accounts.sign_in.registration import create_organization
from healthdata import queries
from healthdata.days import ZoneHistory
from healthdata.models import HealthScore, SleepSession, Workout
from healthdata.records import Rejected, Score, StageRecord
from providers import registry
from providers.contract import Context
from providers.models import Payload
from wearlink.celery import app
from wearlink.demo import credentials_file, filling, tenant, wire
from wearlink.demo.credentials_file import DemoCredentials, FileLogin
from wearlink.demo.day import DemoDay
from wearlink.demo.demo_users import ANNA, DEMO_USERS, ILSE, PRIYA, DemoUser
from wearlink.demo.tenant import KnownSecrets
from wearlink.lib import clock
from wearlink.lib.work import task_queue

MONDAY = date(2026, 3, 2)
CHANGE = date(2026, 3, 29)  # Berlin's clocks go forward
ADMIN = "admin@example.com"
BASE = "http://127.0.0.1:8000"


def sent(demo_user: DemoUser, day: date, until: int | None = None) -> dict[str, Any]:
    one = DemoDay(demo_user, day)
    data: dict[str, Any] = orjson.loads(wire.body(one, one.end if until is None else until))["data"]
    return data


def two_weeks(demo_user: DemoUser) -> list[dict[str, Any]]:
    return [sent(demo_user, MONDAY + timedelta(days=back)) for back in range(14)]


@pytest.mark.parametrize("demo_user", DEMO_USERS, ids=lambda demo_user: demo_user.provider)
def test_a_day_is_the_same_bytes_at_every_call(demo_user: DemoUser) -> None:
    day = DemoDay(demo_user, MONDAY)
    assert wire.body(day, day.end) == wire.body(DemoDay(demo_user, MONDAY), day.end)
    assert wire.body(day, day.end) != wire.body(day.next, day.next.end)


@pytest.mark.parametrize("demo_user", DEMO_USERS, ids=lambda demo_user: demo_user.provider)
def test_the_adapter_takes_every_item(demo_user: DemoUser) -> None:
    day = DemoDay(demo_user, MONDAY)
    context = Context(received=day.end, zones=ZoneHistory(((0, demo_user.time_zone),)))
    found = list(registry.get(demo_user.provider).normalise(wire.body(day, day.end), context))
    assert [record for record in found if isinstance(record, Rejected)] == []
    assert len(found) > 500


def test_the_heart_beats_every_five_minutes_also_where_clocks_change() -> None:
    beats = [record for record in sent(ANNA, CHANGE)["records"] if record["type"].endswith("HeartRate")]
    beats = [one for one in beats if "Resting" not in one["type"] and one["source"]["deviceType"] == "watch"]
    assert len(beats) == 23 * 12
    assert {record["zoneOffset"] for record in beats} == {"+01:00", "+02:00"}
    assert all(40 <= record["value"] <= 190 for record in beats)


def test_watch_and_phone_count_the_same_minutes() -> None:
    steps = [record for record in sent(PRIYA, MONDAY)["records"] if record["type"] == "STEP_COUNT"]
    by_device = {
        kind: {record["startDate"] for record in steps if record["source"]["deviceType"] == kind}
        for kind in ("watch", "phone")
    }
    assert by_device["phone"]
    assert by_device["phone"] < by_device["watch"]


def test_nothing_is_sent_before_it_has_happened() -> None:
    noon = DemoDay(ILSE, MONDAY).at(12)
    whole, half = sent(ILSE, MONDAY), sent(ILSE, MONDAY, noon)
    ends = [clock.parse_rfc3339(item["endDate"])[0] for items in half.values() for item in items]
    assert max(ends) <= noon
    earlier = [record for record in whole["records"] if clock.parse_rfc3339(record["endDate"])[0] <= noon]
    assert half["records"] == earlier


def test_two_weeks_have_workouts_naps_and_a_night_without_stages() -> None:
    days = two_weeks(ANNA)
    kinds = Counter(workout["type"] for day in days for workout in day["workouts"])
    assert kinds["running"] >= 4
    assert kinds["strength_training"] >= 2
    run = next(workout for day in days for workout in day["workouts"] if workout["type"] == "running")
    assert len(run["route"]) > 50
    assert len(run["laps"]) > 2
    nights = [stage for day in two_weeks(PRIYA) for stage in day["sleep"]]
    assert sum(parent.endswith("nap") for parent in {stage["parentId"] for stage in nights}) >= 1
    assert {stage["stage"] for stage in nights} == {"awake", "light", "deep", "rem", "sleeping"}


def test_only_samsung_scores_nights() -> None:
    scores = {
        demo_user.provider: [
            value["value"] for day in two_weeks(demo_user) for stage in day["sleep"] for value in stage["values"]
        ]
        for demo_user in DEMO_USERS
    }
    assert scores["apple"] == scores["google"] == []
    assert all(40 <= score <= 100 for score in scores["samsung"])


def test_a_score_comes_once_a_night() -> None:
    day = DemoDay(ILSE, MONDAY)
    context = Context(received=day.end, zones=ZoneHistory(((0, ILSE.time_zone),)))
    found = list(registry.get("samsung").normalise(wire.body(day, day.end), context))
    assert [record.day for record in found if isinstance(record, Score)] == [MONDAY]
    assert any(isinstance(record, StageRecord) for record in found)


@pytest.mark.django_db
def test_the_tenant_is_made_once() -> None:
    first = tenant.make(KnownSecrets(), ADMIN, DEMO_USERS, BASE)
    kept = KnownSecrets(first.developer.password, first.admin.password, first.api_key)
    entries = AuditEntry.objects.count()
    assert tenant.make(kept, ADMIN, DEMO_USERS, BASE) == first
    assert AuditEntry.objects.count() == entries
    assert EndUser.objects.count() == 3
    assert first.organization.plan == "scale"


@pytest.mark.django_db
def test_setting_up_leaves_audit_entries() -> None:
    made = tenant.make(KnownSecrets(), ADMIN, DEMO_USERS, BASE)
    actions = set(AuditEntry.objects.filter(organization=made.organization).values_list("action", flat=True))
    assert actions >= {"organization.created", "api_key.created", "billing.plan_changed"}


@pytest.mark.django_db
def test_the_admin_is_a_superuser_of_another_organization() -> None:
    made = tenant.make(KnownSecrets(), ADMIN, DEMO_USERS, BASE)
    admin = Developer.objects.by_email(ADMIN).get()
    assert admin.is_superuser
    assert admin.organization != made.organization
    assert check_password(made.admin.password, admin.password)


@pytest.mark.django_db
def test_lost_secrets_are_replaced_and_the_old_ones_die() -> None:
    before = tenant.make(KnownSecrets(), ADMIN, DEMO_USERS, BASE)
    after = tenant.make(KnownSecrets(), ADMIN, DEMO_USERS, BASE)
    assert keys.find(before.api_key) is None or before.api_key == after.api_key
    assert keys.find(after.api_key) is not None
    owner = Developer.objects.by_email(tenant.DEVELOPER_EMAIL).get()
    assert check_password(after.developer.password, owner.password)
    assert not check_password(before.developer.password, owner.password)


@pytest.mark.django_db
def test_a_key_of_somebody_else_is_not_taken_over() -> None:
    other = create_organization(name="Gamma", email="charlie@example.com", password="correct horse battery staple")
    made = tenant.make(KnownSecrets(api_key=other.api_key.secret), ADMIN, DEMO_USERS, BASE)
    row = keys.find(made.api_key)
    assert row is not None
    assert row.organization_id == made.organization.pk


@pytest.mark.django_db
def test_nobody_becomes_admin_by_their_address() -> None:
    create_organization(name="Gamma", email=ADMIN, password="correct horse battery staple")
    with pytest.raises(tenant.AdminIsNot, match="ROOT_ADMIN_EMAIL"):
        tenant.make(KnownSecrets(), ADMIN, DEMO_USERS, BASE)
    assert not Developer.objects.by_email(ADMIN).get().is_superuser


def test_the_credentials_file_is_for_its_owner_and_read_back(tmp_path: Path) -> None:
    found = DemoCredentials(
        "http://127.0.0.1:8000", "sk-key", FileLogin("a@example.com", "one"), FileLogin("b@example.com", "two"), ["id"]
    )
    credentials_file.write(tmp_path, found)
    credentials_file.write(tmp_path, found)
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["demo.json"]
    assert credentials_file.known_secrets(tmp_path) == KnownSecrets("one", "two", "sk-key")


@pytest.mark.parametrize("content", ["", "{", '{"base_url": 1}', "[]"])
def test_a_damaged_credentials_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "demo.json").write_text(content)
    assert credentials_file.known_secrets(tmp_path) == KnownSecrets()


@pytest.mark.django_db
def test_an_installation_with_a_database_of_its_own_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.EMBEDDED = settings.DEBUG = False
    with pytest.raises(CommandError, match="database of its own"):
        call_command("demo", base_url="http://127.0.0.1:1", data=tmp_path)
    assert not Organization.objects.exists()


@pytest.mark.django_db
def test_a_server_that_does_not_answer_is_told_and_leaves_no_credentials_file(settings: Any, tmp_path: Path) -> None:
    settings.EMBEDDED = True
    with pytest.raises(CommandError, match="does not answer"):
        call_command("demo", base_url="http://127.0.0.1:1", data=tmp_path, days=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_a_day_that_begins_just_now_is_not_sent_yet() -> None:
    made = tenant.make(KnownSecrets(), ADMIN, [PRIYA], BASE)
    midnight = DemoDay(PRIYA, MONDAY).start
    days = filling.missing(PRIYA, made.demo_users[0][1], midnight, 3)
    assert [day.date for day in days] == [MONDAY - timedelta(days=2), MONDAY - timedelta(days=1)]


@pytest.mark.usefixtures("moment")
@pytest.mark.filterwarnings("ignore::celery.exceptions.CDeprecationWarning")
@pytest.mark.django_db(transaction=True)
def test_the_command_fills_by_the_api_and_a_second_run_adds_nothing(
    settings: Any, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMBEDDED = True
    monkeypatch.setattr(
        task_queue, "_publish", lambda task, arguments, *_: app.tasks[task].apply(arguments, throw=True)
    )
    call_command("demo", base_url=live_server.url, data=tmp_path, days=3)
    first = json.loads((tmp_path / "demo.json").read_text())
    users = EndUser.objects.filter(id__in=first["user_ids"])
    assert users.count() == 3
    for user in users:
        newest = queries.latest(user.key, series=("heart_rate",))["heart_rate"]
        assert clock.now_ms() - newest.timestamp < 2 * 3_600_000
        assert SleepSession.objects.filter(user_key=user.key).exists()
    assert Workout.objects.filter(user_key__in=[user.key for user in users]).exists()
    assert HealthScore.objects.filter(provider="samsung").exists()
    assert first["api_key"] in capsys.readouterr().out

    payloads, latest = Payload.objects.count(), Payload.objects.latest("id").pk
    call_command("demo", base_url=live_server.url, data=tmp_path, days=3)
    assert json.loads((tmp_path / "demo.json").read_text()) == first
    again = Payload.objects.filter(pk__gt=latest)  # the clock may have reached the next full hour
    assert all(batch.state == "done" for batch in again)
    assert Payload.objects.count() - payloads <= 3
