"""The audit trail: append-only, chained, registered actions only."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from accounts import audit
from accounts.models import AuditEntry, Developer
from tests import factories

pytestmark = pytest.mark.django_db
ATTACKS = [
    "UPDATE accounts_auditentry SET action = 'nothing'",
    "DELETE FROM accounts_auditentry",
    "TRUNCATE accounts_auditentry",
]


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


def entries(developer: Developer, number: int) -> list[AuditEntry]:
    actor = audit.Actor("developer", str(developer.pk))
    organization = developer.organization
    return [
        audit.record("organization.updated", actor=actor, organization=organization, data={"n": n})
        for n in range(number)
    ]


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_entries_cannot_be_changed_or_removed(alice: Developer, attack: str, role: str) -> None:
    entries(alice, 2)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE ALWAYS TRIGGER accounts_audit_no_truncate")
        cursor.execute(f"SET LOCAL session_replication_role = {role}")
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            cursor.execute(attack)
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert AuditEntry.objects.filter(action="organization.updated").count() == 2


def test_each_organization_has_its_own_chain(alice: Developer) -> None:
    charlie = factories.charlie()
    entries(alice, 3)
    entries(charlie, 2)
    audit.record("auth.sign_in_failed", actor=audit.ANONYMOUS)
    for developer, length in ((alice, 3), (charlie, 2)):
        rows = list(AuditEntry.objects.filter(organization=developer.organization).order_by("sequence"))
        assert [row.sequence for row in rows] == list(range(1, length + 1))
        assert bytes(rows[1].previous_hash) == bytes(rows[0].hash)
        assert audit.first_broken(developer.organization_id) is None
    assert audit.first_broken(None) is None
    assert None in audit.chains()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_auditentry SET data = '{\"n\": 9}' WHERE id = %s",
        "UPDATE accounts_auditentry SET actor_id = '' WHERE id = %s",
        "UPDATE accounts_auditentry SET created_at = created_at - interval '1 second' WHERE id = %s",
        "UPDATE accounts_auditentry SET hash = sha256('x') WHERE id = %s",
        "DELETE FROM accounts_auditentry WHERE id = %s",
    ],
)
def test_tampering_behind_the_triggers_is_found(alice: Developer, change: str) -> None:
    rows = entries(alice, 5)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER accounts_audit_no_change")
        cursor.execute(change, [rows[2].pk])
    broken = audit.first_broken(alice.organization_id)
    assert broken in {rows[2].pk, rows[3].pk}


def test_only_registered_actions_are_recorded() -> None:
    with pytest.raises(audit.UnknownAction):
        audit.record("made.up", actor=audit.SYSTEM)
    with pytest.raises(ValueError, match="twice"):
        audit.register("auth.signed_in", "Something else.")


def test_a_target_is_named_by_its_public_id(alice: Developer) -> None:
    row = factories.end_user(alice.organization)
    entry = audit.record("end_user.erased", actor=audit.SYSTEM, organization=alice.organization, target=row)
    assert (entry.target_type, entry.target_id) == ("enduser", str(row.id))
    text = str(uuid4())
    assert audit.record("end_user.erased", actor=audit.SYSTEM, target=text).target_id == text


def test_an_entry_goes_with_its_transaction(alice: Developer) -> None:
    with transaction.atomic():
        entries(alice, 1)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


def verify(**options: str) -> str:
    out = StringIO()
    call_command("verify_audit", stdout=out, **options)
    return out.getvalue()


def test_the_command_finds_whole_chains_whole(alice: Developer) -> None:
    entries(alice, 3)
    audit.record("auth.sign_in_failed", actor=audit.ANONYMOUS)
    assert verify() == "2 chains are whole.\n"
    assert verify(organization=str(alice.organization_id)) == verify(organization="platform") == "1 chains are whole.\n"


def test_the_command_names_the_first_broken_entry_and_fails(alice: Developer) -> None:
    charlie = factories.charlie()
    rows = entries(alice, 5)
    entries(charlie, 2)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER accounts_audit_no_change")
        cursor.execute("UPDATE accounts_auditentry SET actor_id = '' WHERE id = %s", [rows[2].pk])
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 2 chains are broken"):
        call_command("verify_audit", stdout=out)
    assert f"{alice.organization_id}: entry {rows[2].pk} (number 3 of " in out.getvalue()
    assert str(charlie.organization_id) not in out.getvalue()
    assert verify(organization=str(charlie.organization_id)) == "1 chains are whole.\n"


@pytest.mark.parametrize("name", ["nobody", "550e8400-e29b-41d4-a716-446655440000"])
def test_the_command_knows_no_strangers(name: str) -> None:
    with pytest.raises(CommandError, match=name):
        verify(organization=name)
