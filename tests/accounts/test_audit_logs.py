"""The audit trail over the API: whose entries one sees, filters, pages, lines, and the chain."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.audit_trail import seals, trail
from accounts.models import AuditEntry, Developer
from tests import factories
from wearlink.lib import clock
from wearlink.lib.clock import parse_rfc3339

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/audit-logs"


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


@pytest.fixture
def client(alice: Developer) -> APIClient:
    """Alice's dashboard."""
    return factories.dashboard_client(alice)


def act(developer: Developer, action: str = "organization.updated", number: int = 1, days_ago: float = 0) -> None:
    """Entries that a developer made some days ago."""
    for n in range(number):
        entry = AuditEntry.objects.create(
            organization=developer.organization,
            action=action,
            actor_kind="developer",
            actor_id=str(developer.pk),
            data={"n": n},
            created_at=clock.now() - timedelta(days=days_ago),
        )
        seals.put_on(entry)


def exported(client: APIClient, **query: Any) -> list[Any]:
    answer = client.get(f"{ROOT}/export", query)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/x-ndjson"
    assert answer["Content-Disposition"] == 'attachment; filename="audit-logs.jsonl"'
    lines = b"".join(answer.streaming_content).decode().split("\n")
    assert lines.pop() == ""
    return [json.loads(line) for line in lines]


def actions(rows: list[Any]) -> list[str]:
    return [row["action"] for row in rows]


def test_the_whole_trail_is_lines_of_json_oldest_first_and_ends_with_the_export(
    alice: Developer, client: APIClient
) -> None:
    act(alice, number=3)
    rows = exported(client)
    assert [row["sequence"] for row in rows] == [1, 2, 3, 4]
    assert [row["data"] for row in rows[:3]] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert rows[0]["actor_kind"] == "developer"
    assert rows[0]["actor_id"] == str(alice.pk)
    assert rows[0]["hash"] == bytes(AuditEntry.objects.get(sequence=1).hash).hex()
    assert actions(rows)[3] == "audit_log.exported"


def test_the_list_shows_the_same_objects_newest_first_by_pages(alice: Developer, client: APIClient) -> None:
    act(alice, number=5)
    rows = exported(client)
    found, cursor = [], None
    while True:
        page = client.get(ROOT, {"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += page["data"]
        cursor = page["pagination"]["next_cursor"]
        if cursor is None:
            break
    assert found == rows[::-1]
    assert not page["pagination"]["has_more"]


def test_entries_of_many_slices_are_all_there_once(
    alice: Developer, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "SLICE", 3)
    act(alice, number=9)
    assert [row["sequence"] for row in exported(client)] == list(range(1, 11))


@pytest.mark.parametrize(("since", "until"), [("since", "until"), ("start_time", "end_time")])
def test_filters_by_time_and_action(alice: Developer, client: APIClient, since: str, until: str) -> None:
    for days, action in ((30, "api_key.created"), (20, "api_key.rotated"), (10, "member.removed"), (0, "auth.locked")):
        act(alice, action, days_ago=days)
    day = (clock.now() - timedelta(days=20)).date().isoformat()

    def found(**query: Any) -> list[str]:
        return actions(client.get(ROOT, query).json()["data"])[::-1]

    assert found(**{since: day}) == ["api_key.rotated", "member.removed", "auth.locked"]
    assert found(**{since: day, until: day}) == ["api_key.rotated"]
    assert found(**{until: f"{day}T00:00:00Z"}) == ["api_key.created"]
    assert found(action="api_key") == found(action="api_key.*") == ["api_key.created", "api_key.rotated"]
    assert found(action="api_key.rotated") == ["api_key.rotated"]
    assert actions(exported(client, since=day, until=day)) == ["api_key.rotated"]
    assert actions(exported(client, action="member")) == ["member.removed"]
    (entry,) = AuditEntry.objects.filter(action="audit_log.exported", data__action="member")
    assert entry.data == {"action": "member"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-30"}, "since"),
        ({"until": "99999-01-01"}, "until"),
        ({"action": "api_kee"}, "action"),
        ({"from": "2026-01-01"}, "from"),
    ],
)
@pytest.mark.parametrize("path", [ROOT, f"{ROOT}/export"])
def test_what_is_wrong_is_named(client: APIClient, query: dict[str, str], field: str, path: str) -> None:
    answer = client.get(path, query)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert not AuditEntry.objects.exists()


def test_members_see_their_own_acts_and_strangers_none(alice: Developer) -> None:
    bob, charlie = factories.bob(alice), factories.charlie()
    act(alice, number=2)
    act(bob, "api_key.created")
    assert actions(exported(factories.dashboard_client(bob))) == ["api_key.created", "audit_log.exported"]
    assert len(factories.dashboard_client(bob).get(ROOT).json()["data"]) == 2
    assert len(factories.key_client(alice).get(ROOT).json()["data"]) > 3
    assert actions(exported(factories.dashboard_client(charlie))) == ["audit_log.exported"]


def test_phones_and_nobody_may_not(alice: Developer) -> None:
    phone = factories.sdk_client(factories.end_user(alice.organization))
    for caller in (phone, APIClient()):
        for path in (ROOT, f"{ROOT}/export", f"{ROOT}/verify"):
            assert caller.get(path).status_code == 401


def test_a_cursor_belongs_to_its_query_and_organization(alice: Developer, client: APIClient) -> None:
    act(alice, number=3)
    cursor = client.get(ROOT, {"limit": 1}).json()["pagination"]["next_cursor"]
    assert client.get(ROOT, {"limit": 2, "cursor": cursor}).status_code == 200
    assert client.get(ROOT, {"action": "auth", "cursor": cursor}).status_code == 400
    assert factories.dashboard_client(factories.charlie()).get(ROOT, {"cursor": cursor}).status_code == 400


def test_a_page_takes_one_query(alice: Developer, client: APIClient, django_assert_num_queries: Any) -> None:
    act(alice, number=30)
    with django_assert_num_queries(2):  # the developer's session, and the entries
        assert len(client.get(ROOT, {"limit": 20}).json()["data"]) == 20


def test_the_chain_is_verified_and_the_first_broken_entry_named(alice: Developer, client: APIClient) -> None:
    act(alice, number=5)
    whole = client.get(f"{ROOT}/verify").json()
    assert (whole["is_whole"], whole["entries"], whole["first_broken"]) == (True, 5, None)
    assert parse_rfc3339(whole["checked_at"])[0] > 0
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER accounts_audit_no_change")
        cursor.execute("UPDATE accounts_auditentry SET actor_id = 'nobody' WHERE sequence = 3")
    broken = client.get(f"{ROOT}/verify").json()
    assert broken["is_whole"] is False
    assert (broken["first_broken"]["sequence"], broken["first_broken"]["actor_id"]) == (3, "nobody")
    assert factories.dashboard_client(factories.bob(alice)).get(f"{ROOT}/verify").status_code == 403
    assert factories.dashboard_client(factories.charlie()).get(f"{ROOT}/verify").json()["is_whole"]
