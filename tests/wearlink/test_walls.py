"""The wall behind the WHERE: what a query forgets to say, PostgreSQL says."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction

from accounts import tasks
from accounts.audit import SYSTEM
from accounts.deletion import erasing, leftovers
from accounts.deletion.erasure import ErasedUser
from accounts.end_users import users
from accounts.exports import jobs
from accounts.exports.models import DataExport
from accounts.models import ApiKey, AuditEntry, EndUser, Erasure, Leftover, Organization
from accounts.models.end_user import EndUserQuerySet
from accounts.webhooks.models import Delivery, Endpoint
from healthdata import erasure as of_healthdata
from healthdata.models import SampleChunk
from providers.models import Payload, Revocation
from providers.payloads import process
from tests import factories
from tests.test_tenancy import ids_of
from wearlink.lib import clock, tenancy
from wearlink.lib.postgres import walls

pytestmark = pytest.mark.django_db
HEART_RATE = {
    "id": "1", "type": "HKQuantityTypeIdentifierHeartRate", "startDate": "2026-04-23T06:30:00Z",
    "endDate": "2026-04-23T06:30:10Z", "value": 72, "unit": "count/min", "source": {"deviceName": "Watch"},
}  # fmt: skip


def one(query: str, *parameters: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        (value,) = cursor.fetchone()
    return value


def role() -> str:
    return str(one("SELECT current_user"))


def synced(organization: Organization) -> EndUser:
    """Return an end user with a heart rate that waits to be processed."""
    user = factories.end_user(organization)
    data = {"records": [HEART_RATE]}
    body = {"provider": "apple", "sdkVersion": "1", "syncTimestamp": "2026-04-23T08:00:00Z", "data": data}
    answer = factories.sdk_client(user).post(f"/api/v1/sdk/users/{user.id}/sync", body, format="json")
    assert answer.status_code == 202
    return user


@contextmanager
def refused(words: str, organization: Organization) -> Iterator[None]:
    """Assert that the database refuses what a request of the organization tries inside."""
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), tenancy.organization(organization.pk):
        yield


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if walls.is_ours(model) and model._meta.managed]


def test_every_table_of_ours_says_whose_rows_it_holds_and_the_database_keeps_to_it() -> None:
    walled = {table for table, _ in walls.walls()}
    hidden = {model._meta.db_table for model in own_models() if walls.wall_of(model) == walls.HIDDEN}
    assert walled | hidden >= {model._meta.db_table for model in own_models()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        assert {name for (name,) in cursor.fetchall()} == walled


def test_without_any_where_a_tenant_finds_its_own_rows_only() -> None:
    ids_of(alice := factories.alice())
    charlie = factories.charlie()
    process.drain(synced(alice.organization).key)
    seen = 0
    for model in own_models():
        if walls.wall_of(model) in (walls.HIDDEN, walls.SHARED):
            continue
        rows: models.QuerySet[Any] = model._default_manager.all()
        everybodys = rows.count()
        with tenancy.organization(charlie.organization_id):
            charlies = list(rows.all())
        with tenancy.organization(alice.organization_id):
            alices = list(rows.all())
        assert not {row.pk for row in charlies} & {row.pk for row in alices}, model
        assert len(charlies) + len(alices) <= everybodys
        if model not in (Organization, type(charlie)):
            assert not charlies, model
        seen += bool(alices)
    assert seen > 20


def test_a_request_whose_where_was_forgotten_finds_nothing_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    jane = factories.end_user(factories.alice().organization, email="jane@example.com")
    client = factories.key_client(factories.charlie())
    forgotten = users._FIND.replace("AND organization_id = %s", "AND %s::uuid IS NOT NULL")
    monkeypatch.setattr(users, "_FIND", forgotten)
    monkeypatch.setattr(EndUserQuerySet, "for_organization", lambda rows, organization: rows)
    assert EndUserQuerySet(EndUser).for_organization(None).count() == 1
    assert users.find(jane.organization, jane.id) is not None
    assert client.get("/api/v1/users").json()["data"] == []
    assert client.get("/api/v1/users?search=jane").json()["data"] == []
    assert client.get(f"/api/v1/users/{jane.id}").status_code == 404
    assert client.delete(f"/api/v1/users/{jane.id}").status_code == 404
    assert EndUser.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_apikey SET revoked_at = now()",
        "DELETE FROM webhooks_delivery",
        "DELETE FROM healthdata_samplechunk",
    ],
)
def test_a_statement_for_everybody_changes_nothing_of_others(statement: str) -> None:
    ids_of(alice := factories.alice())
    process.drain(synced(alice.organization).key)

    def state() -> Sequence[object]:
        live = ApiKey.objects.filter(revoked_at=None).count()
        return [live, Delivery.objects.count(), SampleChunk.objects.count()]

    before = state()
    assert all(before)
    with tenancy.organization(factories.charlie().organization_id), connection.cursor() as cursor:
        cursor.execute(statement)
    assert state() == before


def test_nothing_can_be_written_into_somebody_elses_organization() -> None:
    jane = factories.end_user(factories.alice().organization)
    charlie = factories.charlie()
    mine = factories.end_user(charlie.organization)
    writes = [
        lambda: Endpoint.objects.create(organization=jane.organization, url="https://x.example.com", event_types=[]),
        lambda: EndUser.objects.filter(pk=mine.pk).update(organization=jane.organization),
        lambda: users.zones.change(jane.key, "Asia/Tokyo", 0),
        lambda: AuditEntry.objects.create(organization=jane.organization, action="api_key.created"),
    ]
    for write in writes:
        with refused("row-level security", charlie.organization):
            write()
    assert not Endpoint.objects.filter(organization=jane.organization).exists()
    assert EndUser.objects.get(pk=mine.pk).organization_id == charlie.organization_id


@pytest.mark.parametrize("table", ["billing_plan", "nutrition_food", "providers_revocation", "django_session"])
def test_what_all_tenants_share_or_none_may_see_is_not_theirs_to_write(table: str) -> None:
    charlie = factories.charlie()
    before = count(table)
    with refused("permission denied", charlie.organization), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    assert count(table) == before


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_audit_entries_can_be_added_within_a_request_and_not_changed() -> None:
    alice = factories.alice()
    assert factories.dashboard_client(alice).post("/api/v1/developer/api-keys", {"name": "a"}).status_code == 201
    assert AuditEntry.objects.filter(action="api_key.created").count() == 1
    with refused("permission denied", alice.organization):
        AuditEntry.objects.update(action="nothing")


def test_the_wall_stands_within_a_request_and_is_gone_after_it() -> None:
    alice = factories.alice()
    client, roles = factories.key_client(alice), []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        session = context["connection"].connection
        roles.append(session.execute("SELECT current_user").fetchone()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        client.get("/api/v1/users")
    assert roles[-1].endswith("_tenant")
    assert not role().endswith("_tenant")


def test_signing_in_and_vendors_callbacks_are_not_behind_a_wall() -> None:
    factories.alice()
    body = {"email": "alice@example.com", "password": factories.PASSWORD}
    answer = factories._client({}).post("/api/v1/auth/login", body, format="json")
    assert answer.status_code == 200


def test_a_rollback_does_not_take_the_wall_down() -> None:
    """Set the scope again after a rollback, by which PostgreSQL forgets what was set inside the transaction."""
    alice, charlie = factories.alice(), factories.charlie()
    with tenancy.organization(alice.organization_id):
        assert role().endswith("_tenant")
        with transaction.atomic(), tenancy.organization(charlie.organization_id):
            assert Organization.objects.get() == charlie.organization
            transaction.set_rollback(True)
        assert Organization.objects.get() == alice.organization


def test_workers_store_behind_the_wall_of_the_payloads_organization() -> None:
    user = synced(factories.alice().organization)
    scopes: set[tuple[UUID | None, str]] = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "healthdata_" in str(sql):
            scopes.add((tenancy.current().organization, str(sql).split()[0]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        process.drain(user.key)
    assert Payload.objects.get().state == Payload.State.DONE
    assert {owner for owner, _ in scopes} == {user.organization_id}
    assert SampleChunk.objects.get().user_key == user.key


def test_exports_and_erasures_are_seen_and_changed_by_their_organization_alone() -> None:
    ids_of(alice := factories.alice())
    charlie = factories.charlie()
    ids = {"organization_id": alice.organization_id, "user_id": UUID(int=7), "user_key": 7}
    for model, fields in ((DataExport, {"options": {}}), (Erasure, {"pending": [], "rows": {}, "things": {}})):
        rows: models.QuerySet[Any] = model._default_manager.all()
        (hers,) = rows.values()
        with tenancy.organization(charlie.organization_id):
            assert not rows.all().exists()
            assert rows.update(user_key=7) == 0
            assert rows.delete()[0] == 0
        with refused("row-level security", charlie.organization):
            model._default_manager.create(**ids, **fields)
        with tenancy.organization(alice.organization_id):
            assert rows.values().get() == hers


def test_an_export_is_made_behind_the_wall_of_its_organization() -> None:
    ids_of(factories.alice())
    roles: set[str] = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "healthdata_" in str(sql) or "nutrition_" in str(sql):
            roles.add(context["connection"].connection.execute("SELECT current_user").fetchone()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert jobs.run_next()
    assert DataExport.objects.get().state == DataExport.State.READY
    assert {name.endswith("_tenant") for name in roles} == {True}


def test_an_erasure_ends_behind_the_wall_of_its_organization(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, charlie = factories.alice(), factories.charlie()
    kept = synced(charlie.organization)
    gone = synced(alice.organization)
    for user in (kept, gone):
        process.drain(user.key)
    monkeypatch.setattr(of_healthdata, "LARGE", 0)
    begun = erasing.erase(gone, SYSTEM)
    assert begun.pending == ["healthdata"]
    roles: set[str] = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if str(sql).startswith(("DELETE", "INSERT")):
            roles.add(context["connection"].connection.execute("SELECT current_user").fetchone()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert erasing.run_next()
        tasks.remove_leftovers()
    assert {name.endswith("_tenant") for name in roles} == {True}
    assert Erasure.objects.get().finished_at is not None
    assert {chunk.user_key for chunk in SampleChunk.objects.all()} == {kept.key}


def test_a_slice_that_forgets_its_where_deletes_nothing_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, charlie = factories.alice(), factories.charlie()
    kept, gone = synced(charlie.organization), synced(alice.organization)
    for user in (kept, gone):
        process.drain(user.key)
    monkeypatch.setattr(of_healthdata, "LARGE", 0)
    erasing.erase(gone, SYSTEM)
    everything = lambda model, *_: model._default_manager.all()._raw_delete("default")  # noqa: E731
    monkeypatch.setattr(of_healthdata, "_delete", everything)
    assert erasing.run_next()
    assert {chunk.user_key for chunk in SampleChunk.objects.all()} == {kept.key}


def test_a_grant_that_a_vendor_still_has_to_take_back_is_waited_for_behind_the_wall() -> None:
    organization = factories.alice().organization
    grant = Revocation.objects.create(provider="strava", account="77", access="token")
    erased = ErasedUser(7, UUID(int=7), organization.pk)
    leftovers.note(erased, "grant at a vendor", [str(grant.pk)], after=timedelta())
    assert leftovers.remove_due() == 0
    grant.delete()
    Leftover.objects.update(due_at=clock.now())
    assert leftovers.remove_due() == 1
    assert not Leftover.objects.exists()


def test_putting_the_walls_up_again_locks_nothing() -> None:
    before = one("SELECT array_agg(oid ORDER BY oid) FROM pg_policy")
    call_command("migrate", verbosity=0)
    assert one("SELECT array_agg(oid ORDER BY oid) FROM pg_policy") == before


def test_a_model_that_says_nothing_is_refused() -> None:
    nobodys = type("Nobodys", (models.Model,), {"Meta": Unmanaged, "__module__": __name__})
    try:
        with pytest.raises(walls.Wallless, match="Nobodys"):
            walls.wall_of(nobodys)
    finally:
        del apps.all_models["accounts"]["nobodys"]
        apps.clear_cache()


class Unmanaged:
    app_label = "accounts"
    managed = False


def test_who_reads_of_one_end_user_asks_about_no_other() -> None:
    """PostgreSQL once read everybody's sources and called the function for each, where it took the table for small."""
    organization = factories.alice().organization
    crowd = [synced(organization) for _ in range(20)]
    first, client = crowd[0], factories.key_client(organization)
    for user in crowd:
        process.drain(user.key)
        if user is first:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE healthdata_source, healthdata_stream, healthdata_samplechunk, accounts_enduser")
    with connection.cursor() as cursor:
        refusing = walls.OWNS.replace("RETURN EXISTS", "RAISE 'asked about %', owned; RETURN EXISTS")
        assert refusing != walls.OWNS
        cursor.execute(refusing)
    moments, days = (
        f"start_{unit}=2026-04-23{begin}&end_{unit}=2026-04-23{end}"
        for unit, begin, end in (("time", "T00:00:00Z", "T23:59:59Z"), ("date", "", ""))
    )
    reads = ["summaries/body", "summaries/data", "sources", "health-scores", f"timeseries?types=heart_rate&{moments}"]
    for path in [*reads, f"events/workouts?{days}", f"summaries/activity?{days}"]:
        answer = client.get(f"/api/v1/users/{first.id}/{path}")
        assert answer.status_code == 200, (path, answer.content)
