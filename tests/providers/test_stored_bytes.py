"""Objects that are kept for an organization, counted in bytes as they come and go."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import audit, usage
from accounts.deletion import erasing, retention
from accounts.models import Developer, EndUser
from providers.imports import tasks as imports
from providers.models import ImportJob, Payload
from providers.payloads import receive
from tests import factories
from wearlink.lib import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


@pytest.fixture
def jane(alice: Developer) -> EndUser:
    return factories.end_user(alice.organization)


def held(jane: EndUser) -> int:
    return usage.level(jane.organization_id, usage.OBJECT_BYTES, clock.now().date())


def take_in(jane: EndUser, size: int) -> None:
    body = os.urandom(size)  # does not pack
    receive.receive(receive.IncomingPayload(jane.key, jane.organization_id, "apple", body, items=1))


def upload(jane: EndUser) -> None:
    file = SimpleUploadedFile("export.xml", b"<HealthData></HealthData>")
    client = factories.key_client(jane.organization)
    answer = client.post(f"/api/v1/users/{jane.id}/import/apple/xml/direct", {"file": file}, format="multipart")
    assert answer.status_code == 202


def test_big_payloads_are_held_until_their_retention_ends(jane: EndUser) -> None:
    take_in(jane, 1_000)
    assert held(jane) == 0  # in its row
    take_in(jane, 600_000)
    assert held(jane) == 600_000
    Payload.objects.update(state=Payload.State.DONE, received_at=clock.now() - timedelta(days=400))
    retention.apply("payloads")
    assert held(jane) == 0


def test_uploads_are_held_until_they_are_pruned(jane: EndUser) -> None:
    upload(jane)
    assert held(jane) == 25
    done: dict[str, Any] = {"state": ImportJob.State.DONE, "finished_at": clock.now() - timedelta(days=400)}
    ImportJob.objects.update(**done)
    imports.prune()
    imports.prune()
    assert held(jane) == 0


def test_nothing_is_held_for_somebody_who_was_erased(jane: EndUser) -> None:
    take_in(jane, 600_000)
    upload(jane)
    assert held(jane) == 600_025
    erasing.erase(jane, audit.SYSTEM)
    assert held(jane) == 0
