"""Vendors' notifications: proven, stored, answered, then acted upon."""

import json
import time
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, EndUser
from healthdata.models import DailyValue
from providers.models import Connection, ConnectionToken, IgnoredEvent, Payload, ProviderApp, Revocation
from providers.payloads import renormalise
from providers.payloads.receive import retry
from providers.pull import pull
from providers.vendor_api import credentials
from providers.webhooks import receive
from tests import factories
from tests.providers.connecting import SECRET, connect, push, work
from tests.providers.vendor import Vendor

pytestmark = pytest.mark.django_db
EVENT = {"user": "user-1", "kind": "days", "action": "update", "id": "d1", "at": 1_800_000_000_000}
DAY = {"id": "d1", "day": "2026-04-23", "steps": 9000}


def connected(vendor: Vendor, user: EndUser, account: str = "user-1") -> Connection:
    row = connect(vendor, user, account)
    pull.work(row.pk)
    return row


def test_an_event_is_stored_before_it_is_answered_and_then_brings_its_document(vendor: Vendor, jane: EndUser) -> None:
    row = connected(vendor, jane)
    vendor.days["user-1"] = [DAY]
    answer = push(EVENT)
    assert (answer.status_code, answer.content) == (200, b"")
    assert Payload.objects.filter(state="announced", user_key=jane.key).count() == 1
    work(row)
    assert DailyValue.objects.get().value == 9000
    row.refresh_from_db()
    assert row.last_event_at is not None


def test_the_same_event_again_changes_nothing(vendor: Vendor, jane: EndUser) -> None:
    row = connected(vendor, jane)
    vendor.days["user-1"] = [DAY]
    push(EVENT)
    push(EVENT)
    work(row)
    push(EVENT)
    work(row)
    assert vendor.calls["/v1/days/d1"] == 1
    assert DailyValue.objects.count() == 1


def test_of_several_events_about_one_object_only_the_last_is_looked_into(vendor: Vendor, jane: EndUser) -> None:
    row = connected(vendor, jane)
    vendor.days["user-1"] = [DAY]
    for moment in (3, 1, 2):
        push({**EVENT, "at": EVENT["at"] + moment})  # type: ignore[operator]
    work(row)
    assert vendor.calls["/v1/days/d1"] == 1
    assert not Payload.objects.filter(state="announced").exists()


def test_a_revision_updates_and_a_deletion_removes(vendor: Vendor, jane: EndUser) -> None:
    row = connected(vendor, jane)
    vendor.days["user-1"] = [DAY]
    push(EVENT)
    work(row)
    vendor.days["user-1"] = [{**DAY, "steps": 9500}]
    push({**EVENT, "at": EVENT["at"] + 1})  # type: ignore[operator]
    work(row)
    assert DailyValue.objects.get().value == 9500
    push({**EVENT, "action": "delete", "at": EVENT["at"] + 2})  # type: ignore[operator]
    work(row)
    assert not DailyValue.objects.exists()


def test_every_end_user_behind_one_vendor_account_receives(vendor: Vendor, jane: EndUser) -> None:
    max_ = factories.end_user(factories.charlie().organization)
    rows = [connected(vendor, jane), connected(vendor, max_)]
    vendor.days["user-1"] = [DAY]
    push(EVENT)
    for row in rows:
        work(row)
    assert set(DailyValue.objects.values_list("user_key", flat=True)) == {jane.key, max_.key}


def test_an_unknown_account_is_answered_200_and_counted(vendor: Vendor, jane: EndUser) -> None:
    connected(vendor, jane)
    assert push({**EVENT, "user": "stranger"}).status_code == 200
    assert not Payload.objects.filter(state="announced").exists()
    assert IgnoredEvent.objects.get().reason == "unknown_account"


def test_an_unknown_kind_is_answered_200_and_counted(vendor: Vendor, jane: EndUser) -> None:
    connected(vendor, jane)
    for _ in range(3):
        assert push({**EVENT, "kind": "moon_phase"}).status_code == 200
    row = IgnoredEvent.objects.get()
    assert (row.reason, row.kind, row.count) == ("unsupported", "moon_phase", 3)


def test_kinds_are_counted_apart_up_to_a_bound(vendor: Vendor, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "MAX_KINDS", 3)
    for number in range(6):
        receive.count_ignored("acme", "unsupported", f"kind-{number}")
    assert set(IgnoredEvent.objects.values_list("kind", "count")) == {
        ("kind-0", 1), ("kind-1", 1), ("kind-2", 1), ("other", 3)
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"user": 7}', b"\xff\xfe", b'"text"', b"null"])
def test_a_malformed_body_is_the_senders_fault(vendor: Vendor, db: None, body: bytes) -> None:
    answer = push(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_event")


def test_a_forgery_is_refused(vendor: Vendor, jane: EndUser) -> None:
    connected(vendor, jane)
    assert push(EVENT, secret="another").status_code == 401
    unsigned = Client().post("/v1/webhooks/acme", json.dumps(EVENT), content_type="application/json")
    assert unsigned.status_code == 401
    assert not Payload.objects.filter(state="announced").exists()


def test_an_old_event_is_not_replayed(vendor: Vendor, db: None) -> None:
    assert push(EVENT, at=time.time() - 290).status_code == 200
    assert push(EVENT, at=time.time() - 310).status_code == 401
    assert push(EVENT, at=time.time() + 310).status_code == 401


def test_an_oversize_body_is_refused(vendor: Vendor, db: None) -> None:
    assert push(b" " * (10 * 1024 * 1024 + 1)).status_code == 413


def test_an_unconfigured_or_unknown_provider_is_not_there(acme: None, db: None) -> None:
    assert push(EVENT).status_code == 404
    assert push(EVENT, path="/v1/webhooks/nobody").status_code == 404
    assert push(EVENT, path="/v1/webhooks/apple").status_code == 404


def test_it_answers_under_the_apis_address_too(vendor: Vendor, db: None) -> None:
    assert push(EVENT, path="/api/v1/webhooks/acme").status_code == 200
    challenge = Client().get("/api/v1/webhooks/acme", {"token": "our-word", "challenge": "x"})
    assert challenge.json() == {"challenge": "x"}


def test_a_handshake_needs_our_word(vendor: Vendor, db: None) -> None:
    good = Client().get("/v1/webhooks/acme", {"token": "our-word", "challenge": "x"})
    bad = Client().get("/v1/webhooks/acme", {"token": "guess", "challenge": "x"})
    none = Client().get("/v1/webhooks/acme")
    assert (good.status_code, good.json()) == (200, {"challenge": "x"})
    assert bad.status_code == 401
    assert (none.status_code, none.json()["code"]) == (400, "bad_handshake")


def test_a_deauthorisation_at_the_vendor_revokes(vendor: Vendor, jane: EndUser) -> None:
    row = connected(vendor, jane)
    assert push({"user": "user-1", "kind": "user", "action": "gone"}).status_code == 200
    row.refresh_from_db()
    assert (row.status, row.reason) == ("revoked", "deregistration")
    assert not ConnectionToken.objects.exists()
    assert not Revocation.objects.exists()
    assert AuditEntry.objects.filter(action="connection.revoked").count() == 1
    push(EVENT)
    assert not Payload.objects.filter(state="announced").exists()


def test_a_document_that_is_not_there_yet_is_asked_for_again(vendor: Vendor, jane: EndUser) -> None:
    row = connected(vendor, jane)
    push(EVENT)
    for _ in range(3):
        Payload.objects.filter(state="announced").update(due_at="2026-01-01T00:00:00Z")
        work(row)
    assert vendor.calls["/v1/days/d1"] == 3
    assert Payload.objects.get(state="announced").attempts == 3
    vendor.days["user-1"] = [{**DAY, "day": "2027-01-15"}]  # the day the event is about
    Payload.objects.filter(state="announced").update(due_at="2026-01-01T00:00:00Z")
    work(row)
    assert DailyValue.objects.get().day.isoformat() == "2027-01-15"


def test_a_notice_that_was_given_up_is_fetched_again_on_demand_and_never_read_as_a_document(
    vendor: Vendor, jane: EndUser
) -> None:
    row = connected(vendor, jane)
    push(EVENT)
    Payload.objects.filter(state="announced").update(state="dead", attempts=8)
    assert retry(Payload.objects.for_user(jane.key)) == 1
    vendor.days["user-1"] = [DAY]
    work(row)
    assert DailyValue.objects.get().value == 9000
    outcomes = list(renormalise.renormalise(renormalise.selection(), apply=True))
    assert outcomes
    assert [one.error for one in outcomes if one.error] == []


def own_app(organization: Any) -> ProviderApp:
    client = factories.dashboard_client(organization.developers.get())
    body = {"client_id": "own-client", "client_secret": "an organization's own secret"}
    assert client.put("/api/v1/providers/acme/settings", body, format="json").status_code == 200
    credentials.forget_apps()  # as the commit does
    return ProviderApp.objects.get(organization=organization)


def test_an_organizations_app_reaches_only_its_own_connections(vendor: Vendor, jane: EndUser) -> None:
    charlie = factories.charlie()
    app = own_app(charlie.organization)
    max_ = factories.end_user(charlie.organization)
    connected(vendor, jane)
    connected(vendor, max_)
    path = f"/v1/webhooks/acme/{app.pk}"
    assert push(EVENT, secret="an organization's own secret", path=path).status_code == 200
    assert [row.user_key for row in Payload.objects.filter(state="announced")] == [max_.key]
    assert push(EVENT, path=path).status_code == 401
    assert push(EVENT, path=f"/v1/webhooks/acme/{uuid.uuid4()}").status_code == 404


def test_the_plain_address_serves_whoever_signed(vendor: Vendor, jane: EndUser) -> None:
    charlie = factories.charlie()
    own_app(charlie.organization)
    max_ = factories.end_user(charlie.organization)
    connected(vendor, jane)
    connected(vendor, max_)
    push(EVENT, secret="an organization's own secret")
    assert [row.user_key for row in Payload.objects.filter(state="announced")] == [max_.key]
    push({**EVENT, "id": "d2"}, secret=SECRET)
    assert {row.user_key for row in Payload.objects.filter(state="announced")} == {jane.key, max_.key}


def test_an_event_costs_few_queries(vendor: Vendor, jane: EndUser, django_assert_num_queries: Any) -> None:
    connected(vendor, jane)
    push(EVENT)
    with django_assert_num_queries(1):  # all in one statement
        answer = push({**EVENT, "at": 5})
    assert answer.status_code == 200
    assert Payload.objects.filter(user_key=jane.key, state="announced").count() == 2
