"""Events with names, documents that are not complete yet, deletions of parts, answers without a body."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from accounts.models import EndUser
from healthdata.models import DailyValue
from providers import registry
from providers.connections import oauth
from providers.contract import CloudProvider, NotReady, PartialFailure, RawDocument, VendorAnswer, collect
from providers.models import Connection, Payload, SyncRun
from tests import factories
from tests.providers.connecting import authorize, connect, push, return_from_vendor, work
from tests.providers.vendor import Vendor
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
DAY = {"id": "d1", "day": "2026-04-23", "steps": 9000}
EVENT = {"user": "user-1", "kind": "days", "action": "update", "id": "d1"}


@pytest.fixture
def row(vendor: Vendor, jane: EndUser) -> Connection:
    row = connect(vendor, jane)
    work(row)
    return row


def test_an_event_with_a_name_is_looked_into_once(vendor: Vendor, row: Connection) -> None:
    vendor.days["user-1"] = [DAY]
    for name in ("e1", "e1", "e1", "e2"):
        push({**EVENT, "event_id": name})
        work(row)
    assert vendor.calls["/v1/days/d1"] == 2


def test_what_is_there_is_kept_and_the_rest_asked_for_later(vendor: Vendor, row: Connection) -> None:
    vendor.days["user-1"] = [{**DAY, "pending": True}]
    push({**EVENT, "event_id": "e1"})
    work(row)
    assert DailyValue.objects.get().value == 9000
    waiting = Payload.objects.get(state="announced")
    assert (waiting.attempts, waiting.error) == (1, "The day is still being computed.")
    assert waiting.due_at > clock.now() + timedelta(seconds=30)
    vendor.days["user-1"] = [{**DAY, "steps": 9500}]
    Payload.objects.filter(pk=waiting.pk).update(due_at=clock.now())
    work(row)
    assert DailyValue.objects.get().value == 9500
    assert not Payload.objects.filter(state="announced").exists()


def test_a_pull_lists_what_is_not_ready() -> None:
    def pages() -> Iterator[RawDocument | PartialFailure]:
        yield RawDocument("days", b"{}")
        raise NotReady("Still computing.")

    assert list(collect("days", pages())) == [
        RawDocument("days", b"{}"), PartialFailure("days", "not_ready", "Still computing.")
    ]  # fmt: skip


def test_a_deletion_retracts_what_the_adapter_says_it_is_about(vendor: Vendor, row: Connection) -> None:
    vendor.days["user-1"] = [DAY]
    push({**EVENT, "event_id": "e1"})
    work(row)
    push({**EVENT, "kind": "score", "action": "delete", "event_id": "e2"})
    work(row)
    assert DailyValue.objects.exists()
    push({**EVENT, "action": "delete", "event_id": "e3"})
    work(row)
    assert not DailyValue.objects.exists()


def test_an_answer_without_a_body_is_nothing_and_no_fault(vendor: Vendor, jane: EndUser) -> None:
    assert VendorAnswer(204, {}, b"").json() is None
    row = connect(vendor, jane)
    vendor.faults += [(204, b"", {})] * 8
    work(row)
    run = SyncRun.objects.get()
    assert (run.state, run.problems, run.payloads) == ("success", [], 0)


def test_a_grant_that_cannot_be_renewed_says_so_at_once(
    vendor: Vendor, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = registry.get("acme")
    assert isinstance(provider, CloudProvider)
    needing = msgspec.structs.replace(provider.oauth, needs_refresh_token=True)
    monkeypatch.setattr(type(provider), "oauth", needing)
    grant = {**vendor.grant(), "refresh_token": None}
    vendor.token_faults.append((200, json.dumps(grant).encode(), {}))
    assert return_from_vendor(vendor, authorize(jane)).status_code == 200
    row = Connection.objects.get()
    assert (row.status, row.reason) == ("error", "not_renewable")
    assert oauth.fresh_tokens(row.pk).refresh == ""
    client: Any = factories.key_client(jane.organization)
    found = client.get(f"/api/v1/users/{jane.id}/connections/acme/diagnosis").json()["checks"]
    assert any("without the right to renew it" in check["message"] for check in found)
    assert return_from_vendor(vendor, authorize(jane)).status_code == 200
    row.refresh_from_db()
    assert (row.status, row.reason) == ("active", "")
