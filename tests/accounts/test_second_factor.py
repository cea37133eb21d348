"""The second factor of a sign-in: codes, recovery codes, guessing, and the API's door."""

import base64
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from rest_framework.test import APIClient

from accounts import audit
from accounts.models import AuditEntry, Developer, SecondFactorDevice
from accounts.organization import roles, team
from accounts.sign_in import second_factor
from accounts.sign_in.second_factor import SecondFactorWrong
from tests import factories
from wearlink.lib import clock
from wearlink.lib.errors import Conflict, InvalidInput

pytestmark = pytest.mark.django_db
LOGIN = "/api/v1/auth/login"


@pytest.fixture
def alice(db: None) -> Developer:
    return factories.alice()


def login(**more: str) -> Any:
    return APIClient().post(LOGIN, {"username": "alice@example.com", "password": factories.PASSWORD, **more})


def acts(developer: Developer) -> list[str]:
    rows = AuditEntry.objects.filter(action__startswith="developer.", target_id=str(developer.pk))
    return list(rows.order_by("id").values_list("action", flat=True))


def test_an_account_without_one_signs_in_as_before_whatever_code_it_sends(alice: Developer) -> None:
    assert login().status_code == 200
    assert login(code="123456").status_code == 200


def test_the_api_asks_for_the_code_and_takes_each_once(alice: Developer) -> None:
    device, codes = factories.with_second_factor(alice)
    asked = login()
    assert (asked.status_code, asked.json()["code"]) == (401, "second_factor_required")
    assert "`code`" in asked.json()["detail"]
    code = factories.code_of(device, ahead=1)
    assert login(code=code).status_code == 200
    again = login(code=code)
    assert (again.status_code, again.json()["code"]) == (401, "second_factor_wrong")
    SecondFactorDevice.objects.update(throttling_failure_count=0)
    assert login(code=codes[3].upper().replace(" ", "-")).status_code == 200
    assert login(code=codes[3]).json()["code"] == "second_factor_wrong"
    assert acts(alice)[-3:] == [
        "developer.second_factor_refused", "developer.recovery_code_used", "developer.second_factor_refused",
    ]  # fmt: skip


def test_a_wrong_password_tells_nothing_of_a_second_factor(alice: Developer) -> None:
    factories.with_second_factor(alice)
    answer = APIClient().post(LOGIN, {"username": alice.email, "password": "not the password", "code": "123456"})
    assert answer.json()["code"] == "sign_in_failed"


def test_guessing_makes_the_next_attempt_wait_though_never_longer_than_nine_minutes(alice: Developer) -> None:
    device, _ = factories.with_second_factor(alice)
    right = factories.code_of(device, ahead=1)
    with pytest.raises(SecondFactorWrong):
        second_factor.check(alice, "000 000")
    with pytest.raises(SecondFactorWrong):  # the right one, too soon
        second_factor.check(alice, right)
    ago = clock.now() - timedelta(minutes=9)
    SecondFactorDevice.objects.update(throttling_failure_count=10, throttling_failure_timestamp=ago)
    with pytest.raises(SecondFactorWrong):
        second_factor.check(alice, "abc")
    assert SecondFactorDevice.objects.get().throttling_failure_count == 10
    SecondFactorDevice.objects.update(throttling_failure_timestamp=ago)
    assert second_factor.check(alice, right) == device


def test_setting_one_up_ends_every_token_there_was(alice: Developer) -> None:
    client = factories.dashboard_client(alice)
    assert client.get("/api/v1/auth/me").status_code == 200
    device = second_factor.begin(alice)
    with pytest.raises(InvalidInput):
        second_factor.confirm(alice, "12345", audit.developer(alice))
    SecondFactorDevice.objects.update(throttling_failure_count=0)
    assert client.get("/api/v1/auth/me").status_code == 200
    assert len(second_factor.confirm(alice, factories.code_of(device), audit.developer(alice))) == 10
    assert client.get("/api/v1/auth/me").status_code == 401
    with pytest.raises(Conflict):
        second_factor.begin(alice)


def test_neither_the_secret_nor_a_recovery_code_can_be_read_in_the_database(alice: Developer) -> None:
    device, codes = factories.with_second_factor(alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, recovery_digests::text, to_jsonb(d)::text FROM accounts_secondfactordevice d")
        secret, digests, whole = cursor.fetchone()
    assert device.secret.encode() not in bytes(secret)
    assert base64.b32decode(device.secret) not in bytes(secret)
    for code in codes:
        assert code not in digests + whole
        assert code.replace(" ", "") not in digests + whole


def test_new_recovery_codes_make_the_old_ones_void(alice: Developer) -> None:
    _, old = factories.with_second_factor(alice)
    new = second_factor.renew_recovery_codes(alice, audit.developer(alice))
    with pytest.raises(SecondFactorWrong):
        second_factor.check(alice, old[0])
    SecondFactorDevice.objects.update(throttling_failure_count=0)
    second_factor.check(alice, new[0])
    assert "developer.recovery_codes_renewed" in acts(alice)


def test_an_owner_removes_a_members_and_nobody_removes_that_of_the_platforms_people(alice: Developer) -> None:
    bob = factories.bob(alice, "admin")
    factories.with_second_factor(bob)
    factories.with_second_factor(alice)
    signed_in = factories.dashboard_client(Developer.objects.get(pk=bob.pk))
    for who, whose, refusal in ((bob, alice, roles.Forbidden), (alice, alice, Conflict)):
        with pytest.raises(refusal):
            team.remove_second_factor(who, whose.pk, actor=audit.developer(who))
    Developer.objects.filter(pk=bob.pk).update(is_reviewer=True)
    with pytest.raises(roles.Forbidden):
        team.remove_second_factor(alice, bob.pk, actor=audit.developer(alice))
    Developer.objects.filter(pk=bob.pk).update(is_reviewer=False)
    team.remove_second_factor(alice, bob.pk, actor=audit.developer(alice))
    assert signed_in.get("/api/v1/auth/me").status_code == 401
    assert not second_factor.is_set_up(bob)
    entry = AuditEntry.objects.get(action="developer.second_factor_removed")
    assert (entry.actor_id, entry.target_id) == (str(alice.pk), str(bob.pk))


def test_an_owner_cannot_reach_a_stranger(alice: Developer) -> None:
    charlie = factories.charlie()
    factories.with_second_factor(charlie)
    with pytest.raises(team.MemberNotFound):
        team.remove_second_factor(alice, charlie.pk, actor=audit.developer(alice))
    assert second_factor.is_set_up(charlie)


def test_the_platforms_json_wants_one_where_the_installation_does(alice: Developer, settings: Any) -> None:
    settings.ADMIN_MFA = True
    Developer.objects.filter(pk=alice.pk).update(is_superuser=True)
    assert factories.dashboard_client(alice).get("/api/v1/admin/overview").status_code == 404
    factories.with_second_factor(alice)
    alice.refresh_from_db()
    assert factories.dashboard_client(alice).get("/api/v1/admin/overview").status_code == 200


def test_what_was_set_up_with_plain_secrets_goes_on_working(alice: Developer) -> None:
    secret, code = bytes(range(20)), "0a1b2c3d4e"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE otp_totp_totpdevice (id int, user_id uuid, key text, confirmed boolean)")
        cursor.execute("CREATE TABLE otp_static_staticdevice (id int, user_id uuid)")
        cursor.execute("CREATE TABLE otp_static_statictoken (device_id int, token text)")
        cursor.execute("INSERT INTO otp_totp_totpdevice VALUES (1, %s, %s, true)", [alice.pk, secret.hex()])
        cursor.execute("INSERT INTO otp_static_staticdevice VALUES (7, %s)", [alice.pk])
        cursor.execute("INSERT INTO otp_static_statictoken VALUES (7, %s)", [code])
    migration = import_module("accounts.migrations.0015_second_factor")
    with connection.schema_editor() as editor:
        migration.move(apps, editor)
    device = SecondFactorDevice.objects.get(user=alice)
    assert base64.b32decode(device.secret) == secret
    assert second_factor.check(alice, factories.code_of(device)) == device
    assert second_factor.check(alice, code) == device
    assert not {name for name in connection.introspection.table_names() if name.startswith("otp_")}
