"""SDK tokens that are ended before their hour is over."""

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from accounts.audit import ANONYMOUS
from accounts.models import AuditEntry, EndUser
from accounts.sign_in import reclaim
from tests import factories

pytestmark = pytest.mark.django_db
API = "/api/v1"


def sync(phone: APIClient, user: EndUser) -> int:
    body = {"provider": "apple", "sdkVersion": "1.0", "syncTimestamp": "2026-03-01T08:00:00Z", "data": {"records": []}}
    answer = phone.post(f"{API}/sdk/users/{user.id}/sync", body, format="json")
    if answer.status_code == 401:
        assert answer.json()["code"] == "token_withdrawn"
    return answer.status_code


def test_a_users_tokens_are_dead_once_withdrawn_and_a_new_one_works() -> None:
    alice = factories.alice()
    server, jane = factories.key_client(alice), factories.end_user(alice.organization)
    john = factories.end_user(alice.organization)
    phone, meals, other = factories.sdk_client(jane), factories.sdk_client(jane), factories.sdk_client(john)
    assert sync(phone, jane) == 202
    assert server.delete(f"{API}/users/{jane.id}/token").status_code == 204
    assert sync(phone, jane) == 401
    assert meals.get(f"{API}/nutrition/log").status_code == 401
    assert sync(other, john) == 202
    again = server.post(f"{API}/users/{jane.id}/token").json()["access_token"]
    phone.credentials(HTTP_AUTHORIZATION=f"Bearer {again}")
    assert sync(phone, jane) == 202
    entry = AuditEntry.objects.get(action="sdk_tokens.withdrawn")
    assert str(jane.id) in str(entry.target_id)


def test_an_owner_ends_the_tokens_of_everybody_and_of_nobody_elses_users(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    alice, charlie = factories.alice(), factories.charlie()
    jane, carol = factories.end_user(alice.organization), factories.end_user(charlie.organization)
    phone, foreign = factories.sdk_client(jane), factories.sdk_client(carol)
    assert (sync(phone, jane), sync(foreign, carol)) == (202, 202)
    assert factories.dashboard_client(factories.bob(alice)).delete(f"{API}/organization/sdk-tokens").status_code == 403
    assert sync(phone, jane) == 202
    with django_capture_on_commit_callbacks(execute=True):
        assert factories.dashboard_client(alice).delete(f"{API}/organization/sdk-tokens").status_code == 204
    assert (sync(phone, jane), sync(foreign, carol)) == (401, 202)
    fresh = factories.sdk_client(EndUser.objects.select_related("organization").get(pk=jane.pk))
    assert sync(fresh, jane) == 202


def test_somebody_elses_users_tokens_cannot_be_withdrawn() -> None:
    alice, charlie = factories.alice(), factories.charlie()
    jane = factories.end_user(alice.organization)
    phone = factories.sdk_client(jane)
    assert factories.key_client(charlie).delete(f"{API}/users/{jane.id}/token").status_code == 404
    assert phone.delete(f"{API}/users/{jane.id}/token").status_code == 401  # nor by the phone itself
    assert sync(phone, jane) == 202


def test_the_check_costs_no_query_more(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    jane = factories.end_user(factories.alice().organization)
    phone = factories.sdk_client(jane)
    phone.get(f"{API}/nutrition/log")
    with django_assert_num_queries(3):
        assert phone.get(f"{API}/nutrition/log").status_code == 200


def test_whoever_takes_an_account_back_ends_tokens_made_before(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    alice = factories.alice()
    jane = factories.end_user(alice.organization)
    phone = factories.sdk_client(jane)
    assert sync(phone, jane) == 202
    with django_capture_on_commit_callbacks(execute=True):
        reclaim.revoke_all(alice, ANONYMOUS)
    assert sync(phone, jane) == 401
