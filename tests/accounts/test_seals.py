"""Seals and anchors: what the audit trail shows against somebody who has the database itself."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts import audit, tasks
from accounts.audit_trail import anchors, checks, seals
from accounts.models import AuditCheck, AuditEntry, AuditSeal, Developer
from tests import factories
from wearlink.lib import clock, storage, tenancy

pytestmark = pytest.mark.django_db
# Everything anew, as the trigger would have made it.
RECHAIN = """
DO $$
DECLARE
    entry accounts_auditentry;
    before bytea := '';
BEGIN
    FOR entry IN SELECT * FROM accounts_auditentry WHERE organization_id = '{chain}' ORDER BY sequence LOOP
        entry.previous_hash := before;
        before := accounts_audit_hash(entry);
        UPDATE accounts_auditentry SET previous_hash = entry.previous_hash, hash = before WHERE id = entry.id;
    END LOOP;
END $$
"""


@pytest.fixture(autouse=True)
def _no_anchors(settings: Any, tmp_path: Any) -> None:
    settings.OBJECTS_DIR = tmp_path


@pytest.fixture
def alice() -> Developer:
    """With five entries in her organization's chain."""
    alice = factories.alice()
    for n in range(5):
        audit.record("organization.updated", actor=audit.SYSTEM, organization=alice.organization, data={"n": n})
    return alice


def attack(*statements: str) -> None:
    """Run statements as the owner of the tables, with the triggers off."""
    with connection.cursor() as cursor:
        for table in ("accounts_auditentry", "accounts_auditseal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)


def today() -> date:
    return clock.now().date()


def verified() -> str:
    out = StringIO()
    call_command("verify_audit", stdout=out)
    return out.getvalue()


def test_a_chain_that_was_computed_anew_lacks_the_key(alice: Developer) -> None:
    first = AuditEntry.objects.filter(organization=alice.organization).earliest("sequence")
    attack(
        f"UPDATE accounts_auditentry SET actor_id = 'nobody' WHERE id = {first.pk}",
        RECHAIN.format(chain=alice.organization_id),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_audit_first_broken(%s)", [alice.organization_id])
        assert cursor.fetchone() == (None,)  # whole in itself
    assert audit.first_broken(alice.organization_id) == first.pk


def test_an_entry_that_was_put_in_without_the_program_has_no_seal(alice: Developer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_auditentry (organization_id, sequence, action, actor_kind, actor_id, target_type,"
            " target_id, data, created_at, previous_hash, hash) SELECT organization_id, 0, action, actor_kind,"
            " actor_id, target_type, target_id, data, created_at, '', '' FROM accounts_auditentry"
            " WHERE organization_id = %s AND sequence = 1 RETURNING id",
            [alice.organization_id],
        )
        (added,) = cursor.fetchone()
    assert audit.first_broken(alice.organization_id) == added


@pytest.mark.parametrize("statement", ["UPDATE accounts_auditseal SET seal = ''", "DELETE FROM accounts_auditseal"])
def test_seals_are_only_ever_added(alice: Developer, statement: str) -> None:
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_entries_cut_off_at_the_end_are_missed_by_the_anchor(alice: Developer) -> None:
    anchors.write(today())
    assert list(anchors.faults_of(today())) == []
    last = AuditEntry.objects.filter(organization=alice.organization).latest("sequence")
    attack(f"DELETE FROM accounts_auditseal WHERE entry_id = {last.pk}",
           f"DELETE FROM accounts_auditentry WHERE id = {last.pk}")  # fmt: skip
    assert audit.first_broken(alice.organization_id) is None
    (fault,) = anchors.faults_of(today())
    assert fault.startswith(f"{alice.organization_id}: entry number 5,")
    with pytest.raises(CommandError, match="1 anchored entries"):
        verified()


def test_an_anchor_is_written_once_and_knows_when_it_was_changed(alice: Developer) -> None:
    assert anchors.write(today())
    kept = storage.get(f"audit-anchors/{today()}.jsonl")
    audit.record("organization.updated", actor=audit.SYSTEM, organization=alice.organization)
    assert not anchors.write(today())
    assert storage.get(f"audit-anchors/{today()}.jsonl") == kept
    storage.put(f"audit-anchors/{today()}.jsonl", kept.replace(b'"sequence": 5', b'"sequence": 4'))
    (fault,) = anchors.faults_of(today())
    assert "not made by this installation" in fault


def test_every_night_keeps_the_day_before_and_says_what_is_missing(
    alice: Developer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    night = datetime.combine(today() + timedelta(days=1), datetime.min.time(), UTC) + timedelta(minutes=25)
    monkeypatch.setattr(clock, "now", lambda: night)
    tasks.anchor_audit()
    assert anchors.kept_days() == [night.date() - timedelta(days=1)]
    assert "audit trail is not what it was" not in caplog.text
    attack("DELETE FROM accounts_auditseal", "DELETE FROM accounts_auditentry")
    tasks.anchor_audit()
    assert "audit trail is not what it was" in caplog.text
    assert str(alice.organization_id) in caplog.text


def test_days_without_entries_have_an_anchor_too() -> None:
    anchors.write(date(2026, 1, 1))
    assert anchors.kept_days() == [date(2026, 1, 1)]
    assert list(anchors.faults_of(date(2026, 1, 1))) == list(anchors.faults_of(date(2026, 1, 2))) == []


def test_a_new_key_seals_and_the_old_one_still_verifies(alice: Developer, settings: Any) -> None:
    settings.AUDIT_KEYS = ["a new one", settings.SECRET_KEY]
    audit.record("organization.updated", actor=audit.SYSTEM, organization=alice.organization)
    assert len(set(AuditSeal.objects.values_list("key_name", flat=True))) == 2
    assert audit.first_broken(alice.organization_id) is None
    settings.AUDIT_KEYS = ["a new one"]
    assert audit.first_broken(alice.organization_id) is not None


def test_sign_ins_hold_a_keyed_hash_of_the_address_and_never_the_address(alice: Developer) -> None:
    for password in ("wrong", factories.PASSWORD):
        body = {"email": "alice@example.com", "password": password}
        factories._client({}).post("/api/v1/auth/login", body, format="json")
    factories._client({}).post("/api/v1/auth/login", {"email": "x@example.com", "password": "y"}, format="json")
    rows = AuditEntry.objects.filter(action__in=("auth.sign_in_failed", "auth.signed_in"))
    assert {row.data["address"] for row in rows} == {seals.digest_of_address("127.0.0.1")}
    assert rows.count() == 3
    assert not [row for row in rows if "127.0.0.1" in str(row.data)]
    assert "whole" in verified()


# --- The point up to which a chain was walked -------------------------------------------------------------------------


@pytest.fixture
def long_chain(alice: Developer, monkeypatch: pytest.MonkeyPatch) -> Developer:
    """Alice's chain of five, longer than a request looks at, walked by night; then two entries more."""
    monkeypatch.setattr(checks, "MAX_ENTRIES", 4)
    monkeypatch.setattr(checks, "SLICE", 2)
    tasks.check_audit()
    for n in range(2):
        audit.record("organization.updated", actor=audit.SYSTEM, organization=alice.organization, data={"n": n})
    return alice


def asked(developer: Developer) -> Any:
    return factories.dashboard_client(developer).get("/api/v1/audit-logs/verify").json()


def change(developer: Developer, number: int, *further: str) -> None:
    chain = f"organization_id = '{developer.organization_id}' AND sequence = {number}"
    attack(f"UPDATE accounts_auditentry SET actor_id = 'nobody' WHERE {chain}", *further)


def test_of_a_long_chain_a_request_looks_at_what_is_new(long_chain: Developer) -> None:
    found = asked(long_chain)
    assert (found["is_whole"], found["entries"], found["first_broken"]) == (True, 7, None)
    assert (found["checked_from"], found["checked_to"]) == (6, 7)
    assert found["all_checked_at"] is not None
    assert asked(factories.charlie())["checked_from"] == 1


def test_a_chain_that_no_night_has_seen_is_looked_at_as_far_as_a_request_may(
    alice: Developer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "MAX_ENTRIES", 4)
    found = asked(alice)
    assert (found["is_whole"], found["entries"], found["checked_to"]) == (True, 5, 4)
    assert found["all_checked_at"] is None


def test_what_is_changed_behind_the_point_shows_at_once(long_chain: Developer) -> None:
    change(long_chain, 6)
    found = asked(long_chain)
    assert (found["is_whole"], found["first_broken"]["sequence"]) == (False, 6)


def test_what_is_changed_before_the_point_shows_by_night_and_to_the_command(
    long_chain: Developer, caplog: pytest.LogCaptureFixture
) -> None:
    change(long_chain, 2)
    assert asked(long_chain)["is_whole"]  # it lies before the point, and the rest follows
    with pytest.raises(CommandError, match="1 of 1 chains are broken"):
        verified()
    tasks.check_audit()
    assert "The audit trail is not what it was" in caplog.text
    found = asked(long_chain)
    assert (found["is_whole"], found["first_broken"]["sequence"]) == (False, 2)


def test_a_chain_made_anew_before_the_point_shows_at_once(long_chain: Developer) -> None:
    change(long_chain, 2, RECHAIN.format(chain=long_chain.organization_id))
    found = asked(long_chain)
    assert (found["is_whole"], found["first_broken"]["sequence"]) == (False, 2)


def test_a_chain_that_was_cut_off_before_the_point_shows_at_once(long_chain: Developer) -> None:
    attack("DELETE FROM accounts_auditentry WHERE sequence > 3")
    found = asked(long_chain)
    assert (found["is_whole"], found["first_broken"], found["entries"]) == (False, None, 3)


def test_a_point_that_was_moved_is_not_believed(long_chain: Developer) -> None:
    change(long_chain, 6, RECHAIN.format(chain=long_chain.organization_id))
    attack(
        "UPDATE accounts_auditcheck point SET sequence = entry.sequence, hash = entry.hash FROM accounts_auditentry"
        " entry WHERE entry.organization_id = point.organization_id AND entry.sequence = 7"
    )
    found = asked(long_chain)
    assert (found["checked_from"], found["all_checked_at"]) == (1, None)


@pytest.fixture
def short_nights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes whenever somebody looks at the clock: one slice a second."""
    seconds = count()
    monkeypatch.setattr(checks, "time", SimpleNamespace(monotonic=lambda: next(seconds)))


def test_a_chain_that_is_longer_than_a_night_is_gone_on_with_and_holds_up_no_other(
    long_chain: Developer, short_nights: None
) -> None:
    tasks.check_audit()
    first = asked(long_chain)["all_checked_at"]
    checks.check_all(seconds=2)  # two slices of two
    checks.check_all(seconds=2)
    assert asked(long_chain)["all_checked_at"] > first
    assert not AuditCheck.objects.filter(is_complete=False).exists()
    charlie = factories.charlie()
    audit.record("organization.updated", actor=audit.SYSTEM, organization=charlie.organization)
    checks.check_all(seconds=2)  # Charlie's was never looked at, so it comes before Alice's
    assert asked(charlie)["all_checked_at"] is not None


def test_a_walk_over_several_nights_finds_what_was_changed(
    long_chain: Developer, short_nights: None, caplog: pytest.LogCaptureFixture
) -> None:
    checks.check_all(seconds=2)
    change(long_chain, 6)
    checks.check_all(seconds=60)
    assert "The audit trail is not what it was" in caplog.text


def test_a_walk_over_several_nights_begins_anew_where_the_chain_was_made_anew(
    long_chain: Developer, short_nights: None, caplog: pytest.LogCaptureFixture
) -> None:
    checks.check_all(seconds=2)  # as far as entry 4
    change(long_chain, 2, RECHAIN.format(chain=long_chain.organization_id))
    checks.check_all(seconds=60)
    assert "The audit trail is not what it was" in caplog.text
    assert asked(long_chain)["first_broken"]["sequence"] == 2


def test_tenants_read_their_own_point_and_move_none(long_chain: Developer) -> None:
    with tenancy.organization(factories.charlie().organization_id):
        assert not AuditCheck.objects.exists()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        tenancy.organization(long_chain.organization_id),
    ):
        AuditCheck.objects.update(sequence=0)
