"""Connections over the API: list, disconnect, diagnosis, settings, erasure, subscriptions."""

from datetime import timedelta
from typing import Any

import pytest

from accounts import audit
from accounts.deletion import erasing
from accounts.models import AuditEntry, Developer, EndUser, Role
from accounts.webhooks.models import Endpoint, Message
from healthdata.models import DailyValue
from providers.connections import oauth, revocations
from providers.models import (
    Connection,
    ConnectionToken,
    OAuthState,
    Payload,
    ProviderApp,
    Revocation,
    SyncRun,
    VendorSubscription,
)
from providers.pull import pull
from providers.vendor_api import credentials
from providers.webhooks import subscriptions
from tests import factories
from tests.providers.connecting import authorize, connect, return_from_vendor, work
from tests.providers.vendor import Vendor
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
APP = {"client_id": "own-client", "client_secret": "an organization's own secret"}


@pytest.fixture
def alice(db: None) -> Developer:
    """The owner; Jane's organization is another call's."""
    return factories.alice()


def path(user: EndUser, provider: str = "acme") -> str:
    return f"/api/v1/users/{user.id}/connections/{provider}"


def settings_path() -> str:
    return "/api/v1/providers/acme/settings"


def day(vendor: Vendor) -> None:
    vendor.days["user-1"] = [{"id": "d1", "day": clock.now().date().isoformat(), "steps": 9000}]


def test_the_list_is_a_bare_array_as_documented(vendor: Vendor, jane: EndUser, django_assert_num_queries: Any) -> None:
    client = factories.key_client(jane.organization)
    assert client.get(f"/api/v1/users/{jane.id}/connections").json() == []
    row = connect(vendor, jane)
    with django_assert_num_queries(2):  # the user, the connections
        found = client.get(f"/api/v1/users/{jane.id}/connections").json()
    assert found == [
        {
            "id": str(row.id),
            "provider": "acme",
            "status": "active",
            "reason": None,
            "connected_at": clock.rfc3339(clock.to_ms(row.connected_at)),
            "last_sync_at": None,
            "last_event_at": None,
            "scopes": ["daily", "heartrate"],
        }
    ]


def test_disconnecting_destroys_tokens_tells_the_vendor_and_leaves_the_data(vendor: Vendor, jane: EndUser) -> None:
    day(vendor)
    row = connect(vendor, jane)
    work(row)
    refresh = oauth.fresh_tokens(row.pk).refresh
    client = factories.key_client(jane.organization)
    assert client.delete(path(jane)).status_code == 204
    assert not ConnectionToken.objects.exists()
    for planned in revocations.due():
        revocations.revoke(planned)
    assert vendor.revoked == [refresh]
    assert not Revocation.objects.exists()
    assert DailyValue.objects.count() == 1
    row.refresh_from_db()
    assert (row.status, row.reason, row.next_sync_at) == ("revoked", "api_disconnected", None)
    entry = AuditEntry.objects.get(action="connection.revoked")
    assert (entry.target_id, entry.data) == (str(row.id), {"provider": "acme", "reason": "api_disconnected"})
    assert pull.open_periodic() == 0


def test_disconnecting_twice_is_no_error_and_one_entry(vendor: Vendor, jane: EndUser) -> None:
    connect(vendor, jane)
    client = factories.key_client(jane.organization)
    assert [client.delete(path(jane)).status_code for _ in range(2)] == [204, 204]
    assert AuditEntry.objects.filter(action="connection.revoked").count() == 1
    assert client.delete(path(jane, "oura")).status_code == 404


def test_a_grant_that_another_user_lives_on_is_not_given_back(vendor: Vendor, jane: EndUser) -> None:
    max_ = factories.end_user(jane.organization, email="max@example.com")
    connect(vendor, jane)
    other = connect(vendor, max_)
    client = factories.key_client(jane.organization)
    client.delete(path(jane))
    assert not Revocation.objects.exists()
    assert oauth.fresh_tokens(other.pk).access
    client.delete(path(max_))
    assert Revocation.objects.count() == 1


def test_a_vendor_that_is_down_is_told_later(vendor: Vendor, jane: EndUser, settings: Any) -> None:
    connect(vendor, jane)
    factories.key_client(jane.organization).delete(path(jane))
    good, dead = settings.PROVIDERS, {**settings.PROVIDERS, "PROVIDER_ACME_REVOKE_URL": "http://127.0.0.1:9/revoke"}
    settings.PROVIDERS = dead
    (planned,) = revocations.due()
    revocations.revoke(planned)
    assert Revocation.objects.get().attempts == 1
    assert revocations.due() == []
    settings.PROVIDERS = good
    revocations.revoke(planned)
    assert len(vendor.revoked) == 1


def test_events_tell_of_every_change(vendor: Vendor, jane: EndUser) -> None:
    Endpoint.objects.create(
        organization=jane.organization,
        url="https://hooks.example.com/",
        event_types=[
            "connection.created",
            "connection.revoked",
            "connection.expired",
            "sync.started",
            "sync.completed",
        ],
    )
    row = connect(vendor, jane)
    work(row)
    ConnectionToken.objects.update(expires_at=clock.now() - timedelta(hours=1))
    vendor.refresh.clear()
    factories.key_client(jane.organization).post(f"/api/v1/providers/acme/users/{jane.id}/sync")
    work(row)
    assert set(Message.objects.values_list("type", flat=True)) == {
        "connection.created", "connection.expired", "sync.started", "sync.completed"
    }  # fmt: skip


def test_a_person_who_is_erased_leaves_nothing_and_the_vendor_is_told(vendor: Vendor, jane: EndUser) -> None:
    day(vendor)
    work(connect(vendor, jane))
    authorize(jane)
    erasing.erase(jane, audit.SYSTEM)
    for table in (Connection, ConnectionToken, SyncRun, OAuthState, Payload):
        assert not table.objects.exists(), table
    for planned in revocations.due():
        revocations.revoke(planned)
    assert len(vendor.revoked) == 1


def test_coming_back_for_an_erased_person_connects_nobody(vendor: Vendor, jane: EndUser) -> None:
    asked = authorize(jane)
    erasing.erase(jane, audit.SYSTEM)
    assert return_from_vendor(vendor, asked).status_code == 400
    assert not Connection.objects.exists()


def checks(user: EndUser) -> dict[str, str]:
    found = factories.key_client(user.organization).get(f"{path(user)}/diagnosis").json()
    assert all(one["message"] for one in found["checks"])
    assert all(one["next_step"] for one in found["checks"] if one["status"] == "problem")
    return {"all": found["status"], **{one["name"]: one["code"] for one in found["checks"]}}


def test_a_healthy_connection_has_a_clean_bill(vendor: Vendor, jane: EndUser) -> None:
    work(connect(vendor, jane))
    subscriptions.maintain_all()
    found = checks(jane)
    assert found == {
        "all": "ok",
        "credentials": "configured",
        "connection": "active",
        "token": "token_fresh",
        "scopes": "all_granted",
        "calls": "calls_made",
        "last_sync": "synced",
        "last_event": "no_event",
        "signatures": "signatures_fit",
        "subscription": "subscribed",
        "quota": "quota_unknown",
        "last_error": "no_error",
    }


def test_the_diagnosis_names_what_is_wrong(vendor: Vendor, jane: EndUser, settings: Any) -> None:
    row = connect(vendor, jane)
    vendor.extra_status = 403
    work(row)
    Connection.objects.update(scopes=["daily"], last_event_at=clock.now() - timedelta(days=4))
    found = checks(jane)
    assert (found["all"], found["scopes"], found["last_event"]) == ("warning", "scopes_missing", "quiet")
    assert (found["last_sync"], found["subscription"]) == ("completed_with_errors", "not_subscribed")
    vendor.refresh.clear()
    ConnectionToken.objects.update(expires_at=clock.now() - timedelta(hours=1))
    factories.key_client(jane.organization).post(f"/api/v1/providers/acme/users/{jane.id}/sync")
    work(row)
    found = checks(jane)
    assert (found["all"], found["connection"], found["token"]) == ("problem", "refresh_failed", "no_token")
    settings.PROVIDERS = {}
    assert checks(jane)["credentials"] == "not_configured"


def test_owners_enter_credentials_and_see_them_masked(vendor: Vendor, alice: Developer) -> None:
    owner = factories.dashboard_client(alice)
    assert owner.get(settings_path()).json()["code"] == "no_own_credentials"
    entered = owner.put(settings_path(), {**APP, "scopes": ["daily"]}, format="json")
    assert entered.status_code == 200, entered.json()
    shown = owner.get(settings_path()).json()
    row = ProviderApp.objects.get()
    assert (shown["client_id"], shown["client_secret"], shown["scopes"]) == ("own-client", "…cret", ["daily"])
    assert APP["client_secret"].encode() not in ProviderApp.objects.values_list("secrets", flat=True).get(pk=row.pk)
    assert APP["client_secret"] not in str(shown) + str(list(AuditEntry.objects.values()))
    assert shown["webhook_url"].endswith(f"/v1/webhooks/acme/{row.pk}")
    assert "own secret" in row.secrets
    assert owner.delete(settings_path()).status_code == 204
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"provider_settings.created", "provider_settings.deleted"} <= actions


def test_members_and_keys_do_not_touch_credentials(vendor: Vendor, alice: Developer) -> None:
    member = factories.dashboard_client(factories.bob(alice, Role.MEMBER))
    admin = factories.dashboard_client(factories.developer(alice.organization, "Dana", Role.ADMIN))
    assert member.put(settings_path(), APP, format="json").status_code == 403
    assert member.get(settings_path()).status_code == 403
    assert factories.key_client(alice).put(settings_path(), APP, format="json").status_code == 401
    assert admin.put(settings_path(), APP, format="json").status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"client_id": ""}, {"client_id": "a"}, {"client_id": "a", "client_secret": ""},
             {**APP, "scopes": "daily"}, {**APP, "client_id": "x" * 256}],
)  # fmt: skip
def test_incomplete_credentials_name_the_field(vendor: Vendor, alice: Developer, body: dict[str, Any]) -> None:
    answer = factories.dashboard_client(alice).put(settings_path(), body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_an_organizations_own_app_goes_first(vendor: Vendor, jane: EndUser) -> None:
    owner = jane.organization.developers.get()
    factories.dashboard_client(owner).put(settings_path(), {**APP, "scopes": ["daily"]}, format="json")
    asked = authorize(jane)
    assert (asked["client_id"], asked["scope"]) == ("own-client", "daily")
    row = connect(vendor, jane)
    assert credentials.app_of_connection(row).credentials.client_secret == APP["client_secret"]
    work(row)
    client = factories.dashboard_client(owner)
    client.put(settings_path(), {"client_id": "own-client"}, format="json")
    row.refresh_from_db()
    assert row.status == "active"
    client.put(settings_path(), {"client_id": "another"}, format="json")
    row.refresh_from_db()
    assert (row.status, row.reason) == ("expired", "credentials_changed")


def test_subscriptions_are_made_once_and_renewed_before_they_end(vendor: Vendor, db: None) -> None:
    assert subscriptions.maintain_all() == 1
    assert subscriptions.maintain_all() == 0
    row = VendorSubscription.objects.get()
    assert (row.state, row.topic, row.vendor_id) == ("active", "days", vendor.subscriptions[0]["id"])
    vendor.subscriptions[0]["expires"] = clock.now_ms() + 13 * 86_400_000
    VendorSubscription.objects.update(next_check_at=clock.now())
    assert subscriptions.maintain_all() == 1
    assert len(vendor.subscriptions) == 2


def test_a_subscription_that_fails_says_so_and_is_tried_again_later(vendor: Vendor, db: None) -> None:
    vendor.faults.append((500, b"", {}))
    assert subscriptions.maintain_all() == 0
    row = VendorSubscription.objects.get()
    assert (row.state, row.failures) == ("failed", 1)
    assert row.next_check_at > clock.now() + timedelta(minutes=4)
    VendorSubscription.objects.update(next_check_at=clock.now())
    assert subscriptions.maintain_all() == 1
    row.refresh_from_db()
    assert (row.state, row.error) == ("active", "")


def test_a_connect_link_is_for_one_user_and_allowed_addresses_only(vendor: Vendor, jane: EndUser) -> None:
    client = factories.key_client(jane.organization)
    url = f"/api/v1/users/{jane.id}/connect-link"
    assert client.post(url, {"redirect_uri": "https://evil.example/"}, format="json").status_code == 400
    made = client.post(url, {}, format="json")
    assert made.status_code == 201
    assert "/connect/" in made.json()["url"]
    assert factories.key_client(factories.charlie()).post(url, {}, format="json").status_code == 404
