"""The erasure covers everything that leads to an end user: every table, every kind of object, found and not listed."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model
from rest_framework.test import APIClient

from accounts.audit import SYSTEM
from accounts.deletion import erasing, erasure, leftovers
from accounts.deletion.orphans import folders
from accounts.exports import jobs
from accounts.models import EndUser, Erasure, Leftover
from tests import factories
from tests.exports import full_life
from tests.webhooks.making import emit, endpoint
from wearlink.lib import storage

ROOT = Path(__file__).parents[1]
NAMES = {"user_key", "user_id", "end_user", "end_user_id", "userkey"}
#: Tables that name an end user and stay, and why.
STAYING = {
    "accounts.AuditEntry": "the proof that it was done: ids alone, never personal data",
    "accounts.Erasure": "the receipt: ids and counts",
    "accounts.SecondFactorDevice": "a developer's; no end user's",
    "accounts.Leftover": "what others have not removed yet; its rows go one by one",
    "webhooks.Endpoint": "a customer's address; endpoints for one end user are deleted and forget whom they were for",
}
#: Modules that put objects into the store, and the folder they put them in.
ANCHORS = "audit-anchors"  # ids of organizations and hashes: kept for good, so nobody sweeps them
WRITERS = {
    "accounts/audit_trail/anchors.py": ANCHORS,
    "accounts/exports/jobs.py": "exports",
    "nutrition/export.py": "meals",
    "nutrition/photos/receiving.py": "meals",
    "nutrition/photos/recognition.py": "meals",
    "providers/imports/arrivals.py": "imports",
    "providers/imports/uploads.py": "imports",
    "providers/payloads/receive.py": "payloads",
}


def own_models() -> list[type[Model]]:
    ours = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"accounts"}
    return [model for model in apps.get_models() if model.__module__.partition(".")[0] in ours]


def covered() -> set[str]:
    return {label for part in erasure.parts() for label in part.tables}


def reaching() -> set[str]:
    """Tables that name an end user themselves, or hang on one that does."""
    found = {EndUser._meta.label}
    while True:
        more = {model._meta.label for model in own_models() if names_one(model, found - set(STAYING))} - found
        if not more:
            return found - {EndUser._meta.label}
        found |= more


def names_one(model: type[Model], known: set[str]) -> bool:
    for field in model._meta.concrete_fields:
        if field.name in NAMES or field.attname in NAMES:
            return True
        if isinstance(field, ForeignKey) and field.related_model._meta.label in known:  # type: ignore[union-attr]
            return True
    return False


def test_every_table_that_leads_to_an_end_user_is_part_of_the_erasure() -> None:
    assert {"healthdata.SampleChunk", "nutrition.MealItem", "providers.ConnectionToken"} <= reaching()
    missing = reaching() - covered() - set(STAYING)
    assert missing == set(), "register these tables with accounts.deletion.erasure, or say in STAYING why they stay"
    assert set(STAYING) <= reaching() | {"accounts.AuditEntry"}, "these are gone"


def test_no_part_names_a_table_that_is_not_there() -> None:
    assert covered() <= {model._meta.label for model in own_models()}


def calls_of_storage() -> Iterator[tuple[str, str]]:
    for app in ("accounts", "billing", "healthdata", "providers", "nutrition", "adminportal", "wearlink"):
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and node.attr in ("put", "put_file", "adopt"):
                    text = ast.unparse(node)
                    if text.startswith("storage."):
                        yield path.relative_to(ROOT).as_posix(), text


def test_every_place_that_stores_objects_is_known_and_its_folder_is_swept() -> None:
    assert {path for path, _ in calls_of_storage()} == set(WRITERS), "say in WRITERS where its objects go"
    assert set(WRITERS.values()) - {ANCHORS} <= {folder.name for folder in folders()}


def rows_naming(*texts: str) -> dict[str, int]:
    """Return rows of any table in whose text one of these stands."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE ANY(%s)', [[f"%{one}%" for one in texts]]
            )
            (count,) = cursor.fetchone()
            if count:
                found[table] = count
    return found


def rows_of(user_key: int) -> dict[str, int]:
    return {
        model._meta.label: count
        for model in own_models()
        if any(field.name == "user_key" for field in model._meta.concrete_fields)
        if (count := model._default_manager.filter(user_key=user_key).count())
    }


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_full_life_is_left_in_any_table_or_object(settings: Any, tmp_path: Path) -> None:
    settings.OBJECTS_DIR = tmp_path / "objects"
    alice = factories.alice()
    jane = factories.end_user(alice.organization, email="jane.doe@example.com", first_name="Janeane", external_id="J-1")
    june = full_life.live(factories.end_user(alice.organization, first_name="June"))
    endpoint(alice.organization, "https://hooks.example.com/jane", user_id=jane.id)
    full_life.live(jane)
    emit(alice.organization, user_id=jane.id, user_id_in_data=str(jane.id))
    client = factories.key_client(alice)
    body = {"provider": "apple", "sdkVersion": "1", "syncTimestamp": "2026-04-15T08:00:00Z", "data": {}}
    client.post(f"/api/v1/sdk/users/{jane.id}/sync", body, format="json")
    client.post(f"/api/v1/users/{jane.id}/export/async", headers={"Idempotency-Key": "once"})
    jobs.run_next()
    before = rows_of(june.key)
    assert {"exports.DataExport", "providers.Payload", "healthdata.SampleChunk"} <= set(rows_of(jane.key))
    assert (tmp_path / "objects" / "exports" / str(jane.key)).is_dir()

    erasing.erase(jane, SYSTEM)
    leftovers.remove_due()
    Leftover.objects.all().delete()

    assert set(rows_of(jane.key)) == {Erasure._meta.label}
    assert rows_of(june.key) == before
    named = rows_naming(str(jane.id), "jane.doe", "Janeane", "J-1")
    assert set(named) <= {"accounts_auditentry", "accounts_erasure", "webhooks_message"}, named
    left = [path for path in (tmp_path / "objects").rglob("*") if path.is_file() and f"/{jane.key}/" in str(path)]
    assert left == []
    assert storage.exists(next(iter(full_life_objects(june))))


def full_life_objects(user: EndUser) -> Iterator[str]:
    for model in own_models():
        if model._meta.label == "nutrition.MealImage":
            yield from model._default_manager.filter(log__user_key=user.key).values_list("s3_key", flat=True)


@pytest.mark.django_db
def test_a_client_sees_the_counts_of_every_table(client: APIClient) -> None:
    alice = factories.alice()
    jane = full_life.live(factories.end_user(alice.organization))
    rows = erasing.erase(jane, SYSTEM).rows
    assert rows["healthdata.SampleChunk"] > 0
    assert rows["nutrition.MealLog"] == 3
    assert rows["providers.Connection"] == 1
