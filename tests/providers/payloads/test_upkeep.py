"""Retention, erasure, figures for operators, and reading stored payloads again."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.audit import SYSTEM
from accounts.deletion import erasing, erasure
from accounts.models import EndUser
from healthdata import queries
from providers import metrics
from providers.models import Payload
from providers.payloads import bodies, receive, tasks
from providers.payloads.process import body_of, drain
from tests import factories
from tests.providers.sync_bodies import heart_rates, record, sync
from wearlink.lib import clock, storage
from wearlink.lib.errors import NotFound

pytestmark = pytest.mark.django_db


def give(user: EndUser, body: bytes) -> Payload:
    batch_id = receive.receive(receive.IncomingPayload(user.key, user.organization_id, "apple", body, items=10))
    return Payload.objects.get(batch_id=batch_id)


def age(payload: Payload, days: int) -> None:
    Payload.objects.filter(pk=payload.pk).update(received_at=clock.now() - timedelta(days=days))


def readings(user: EndUser) -> int:
    return sum(count.n for count in queries.count(user.key))


def test_old_payloads_go_with_their_objects_and_waiting_ones_stay(jane: EndUser, settings: Any) -> None:
    settings.PAYLOAD_RETENTION_DAYS = 30
    large, small = give(jane, sync(records=heart_rates(6000))), give(jane, sync(records=heart_rates(1)))
    drain(jane.key)
    waiting, young = give(jane, sync(records=heart_rates(2))), give(jane, sync(records=heart_rates(3)))
    Payload.objects.filter(pk=young.pk).update(state="done")
    for payload in (large, small, waiting):
        age(payload, 31)
    tasks.prune_payloads()
    assert set(Payload.objects.all()) == {waiting, young}
    assert not storage.exists(large.object_key)
    assert readings(jane) == 6000


def test_erasing_a_person_takes_their_payloads_and_objects_and_nobody_elses(
    jane: EndUser, django_capture_on_commit_callbacks: Any
) -> None:
    other = factories.end_user(jane.organization)
    large = give(jane, sync(records=heart_rates(6000)))
    give(jane, sync(records=heart_rates(1)))
    kept = give(other, sync(records=heart_rates(6000)))
    drain(jane.key)
    assert erasure.summary(jane.key)["payloads"]["count"] == 2
    with django_capture_on_commit_callbacks(execute=True):
        removed = erasing.erase(jane, SYSTEM)
    assert removed.rows["providers.Payload"] == 2
    assert not storage.exists(large.object_key)
    assert list(Payload.objects.all()) == [kept]
    assert storage.exists(kept.object_key)


def test_nothing_is_taken_in_for_a_person_who_was_erased(jane: EndUser) -> None:
    EndUser.objects.filter(pk=jane.pk).delete()
    for body in (sync(records=heart_rates(1)), sync(records=heart_rates(6000))):
        with pytest.raises(NotFound):
            give(jane, body)
    assert not Payload.objects.exists()


def test_operators_see_what_waits_what_died_and_how_fast_it_goes(jane: EndUser) -> None:
    give(jane, sync(records=heart_rates(60)))
    assert (metrics.due(), metrics.dead(), metrics.records_per_second()) == (1, 0, 0)
    drain(jane.key)
    assert (metrics.due(), metrics.dead(), metrics.records_per_second()) == (0, 0, 1)
    Payload.objects.update(state="dead")
    assert (metrics.due(), metrics.dead(), metrics.records_per_second()) == (0, 1, 0)


def renormalise(*arguments: str) -> str:
    out = StringIO()
    call_command("renormalise", *arguments, stdout=out)
    return out.getvalue()


def correct_stored_body(payload: Payload) -> None:
    """Stands for a corrected mapping: the same payload now gives other records."""
    body = json.loads(body_of(payload))
    body["data"]["records"][0]["value"] = 99
    body["data"]["records"].append(record(startDate="2026-04-15T05:00:00Z", endDate="2026-04-15T05:00:00Z"))
    Payload.objects.filter(pk=payload.pk).update(body=bodies.pack(json.dumps(body).encode()))


def test_a_dry_run_says_what_would_change_and_changes_nothing(jane: EndUser) -> None:
    payload = give(jane, sync(records=heart_rates(3)))
    drain(jane.key)
    correct_stored_body(payload)
    printed = renormalise()
    assert f"{payload.batch_id} apple inserted=1 updated=1 unchanged=2 rejected=0" in printed
    assert "payloads=1 inserted=1 updated=1 unchanged=2 rejected=0 unreadable=0" in printed
    assert "Dry run" in printed
    assert readings(jane) == 3


def test_apply_writes_it_and_a_second_run_finds_nothing(jane: EndUser) -> None:
    payload = give(jane, sync(records=heart_rates(3)))
    drain(jane.key)
    correct_stored_body(payload)
    printed = renormalise("--apply")
    again = renormalise()
    assert "Dry run" not in printed
    assert readings(jane) == 4
    assert "inserted=0 updated=0 unchanged=4" in again
    assert str(payload.batch_id) not in again


def test_payloads_can_be_chosen_and_unreadable_ones_are_named(jane: EndUser) -> None:
    other = factories.end_user(jane.organization)
    give(jane, sync(records=heart_rates(3)))
    broken = give(other, sync(records=heart_rates(2)))
    for person in (jane, other):
        drain(person.key)
    Payload.objects.filter(pk=broken.pk).update(body=b"{")
    assert "payloads=2" in renormalise("--provider", "apple")
    assert "payloads=0" in renormalise("--provider", "google")
    assert "payloads=1" in renormalise("--user", str(jane.id))
    assert "payloads=2" in renormalise("--since", "2026-01-01")
    assert "payloads=0" in renormalise("--since", "2199-01-01")
    assert f"{broken.batch_id} apple unreadable" in renormalise()
    for unknown in ("nobody", "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(CommandError, match="no end user"):
            renormalise("--user", unknown)
