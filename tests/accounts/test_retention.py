"""Retention: the settings, the nightly pruning with its audit entry, the dry run."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts import audit
from accounts.deletion import retention
from accounts.exports import jobs
from accounts.exports.models import DataExport
from accounts.models import AuditEntry, EndUser
from accounts.webhooks.models import Message
from accounts.webhooks.tasks import prune as prune_messages
from nutrition.models import MealImage, MealReview, RecognitionJob
from nutrition.tasks import prune as prune_photos
from providers.models import Payload
from providers.payloads.tasks import prune_payloads
from tests import factories
from tests.exports import full_life
from tests.webhooks.making import emit, endpoint
from wearlink.celery import SCHEDULE
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
OLD = timedelta(days=91)


@pytest.fixture
def jane(settings: Any, tmp_path: Any) -> EndUser:
    """With a payload, a photo, a message and an export that are all old and done."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    alice = factories.alice()
    user = full_life.live(factories.end_user(alice.organization))
    endpoint(alice.organization, "https://hooks.example.com/in", "connection.created")
    emit(alice.organization, user_id=user.id)
    client = factories.key_client(alice)
    body = {"provider": "apple", "sdkVersion": "1", "syncTimestamp": "2026-04-15T08:00:00Z", "data": {}}
    client.post(f"/api/v1/sdk/users/{user.id}/sync", body, format="json")
    client.post(f"/api/v1/users/{user.id}/export/async?types=profile")
    jobs.run_next()
    then = clock.now() - OLD
    Payload.objects.update(received_at=then, state="done")
    MealImage.objects.update(created_at=then)
    MealReview.objects.update(decision="approved")
    RecognitionJob.objects.update(state="ended")
    Message.objects.update(created_at=then)
    DataExport.objects.update(expires_at=then)
    return user


def printed(*words: str) -> list[str]:
    out = StringIO()
    call_command("retention", *words, stdout=out)
    return out.getvalue().splitlines()


def test_the_defaults_are_the_documented_ones() -> None:
    kept = {rule.name: rule.kept for rule in retention.rules()}
    assert kept == {
        "payloads": timedelta(days=90),
        "messages": timedelta(days=90),
        "imports": timedelta(days=7),
        "photos": None,
        "exports": timedelta(hours=24),
    }


def test_the_dry_run_counts_and_takes_nothing(jane: EndUser) -> None:
    lines = printed()
    assert any(line.startswith("payloads: 1 from before ") and "would be removed" in line for line in lines)
    assert "photos: kept for ever (MEAL_PHOTO_RETENTION_DAYS=0)" in lines
    assert any(line.startswith("exports: 1 ") for line in lines)
    assert Payload.objects.count() == 1
    assert DataExport.objects.get().token_hash is not None
    assert not AuditEntry.objects.filter(action="retention.applied").exists()


def test_each_night_prunes_and_says_so_in_the_trail(jane: EndUser) -> None:
    prune_payloads()
    assert not Payload.objects.exists()
    (entry,) = AuditEntry.objects.filter(action="retention.applied")
    assert (entry.organization_id, entry.actor_kind) == (None, audit.SYSTEM.kind)
    assert (entry.data["rule"], entry.data["removed"]) == ("payloads", 1)
    prune_payloads()
    assert AuditEntry.objects.filter(action="retention.applied").count() == 1


def test_nought_keeps_for_ever(jane: EndUser, settings: Any) -> None:
    settings.PAYLOAD_RETENTION_DAYS = 0
    prune_payloads()
    prune_photos()
    assert Payload.objects.count() == 1
    assert MealImage.objects.exclude(s3_key="").count() == 1
    settings.MEAL_PHOTO_RETENTION_DAYS = 90
    prune_photos()
    assert not MealImage.objects.exclude(s3_key="").exists()


def test_the_command_removes_when_told_to(jane: EndUser) -> None:
    assert any(line.startswith("exports: 1 from before ") and "removed" in line for line in printed("--apply"))
    assert not Payload.objects.exists()
    assert DataExport.objects.get().state == "expired"
    assert {entry.data["rule"] for entry in AuditEntry.objects.filter(action="retention.applied")} >= {
        "payloads", "exports"
    }  # fmt: skip


def test_messages_that_are_on_their_way_are_not_counted(jane: EndUser) -> None:
    (line,) = (line for line in printed() if line.startswith("messages:"))
    assert line.startswith("messages: 0 ")
    prune_messages()
    assert Message.objects.exists()


def test_every_rule_is_pruned_by_the_clock() -> None:
    tasks = {entry["task"] for entry in SCHEDULE.values()}
    assert {
        "providers.payloads.tasks.prune_payloads",
        "providers.imports.tasks.prune",
        "accounts.webhooks.tasks.prune",
        "nutrition.tasks.prune",
        "accounts.exports.tasks.sweep",
    } <= tasks
