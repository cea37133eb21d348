"""Emitting: rows in the caller's transaction, for those who listen."""

import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.audit import SYSTEM
from accounts.deletion import erasing, erasure
from accounts.models import Developer
from accounts.webhooks import events, subscribers
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Delivery, Message
from tests import factories
from tests.webhooks import making

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:9/hook"


def types_sent(developer: Developer) -> list[str]:
    return list(Message.objects.for_organization(developer.organization).order_by("key").values_list("type", flat=True))


def test_an_event_that_nobody_takes_writes_nothing(alice: Developer) -> None:
    making.endpoint(alice.organization, URL, "workout.*")
    assert making.emit(alice.organization, "connection.created") == ""
    assert not Message.objects.exists()


def test_an_event_is_kept_once_with_a_delivery_for_each_taker(alice: Developer) -> None:
    first, second = (making.endpoint(alice.organization, URL, "connection.*") for _ in range(2))
    making.endpoint(alice.organization, URL, "sync.*")
    message = Message.objects.get(id=making.emit(alice.organization))
    found = Delivery.objects.filter(message_key=message.key).values_list("endpoint_key", flat=True)
    assert set(found) == {first.key, second.key}
    assert bytes(message.body or b"").startswith(b'{"type":"connection.created","timestamp":"')


def test_an_event_of_the_same_name_is_the_same_event(alice: Developer) -> None:
    making.endpoint(alice.organization, URL, "connection.*")
    for _ in range(2):
        events.emit(alice.organization.pk, "connection.created", making.EXAMPLE, event_id="connection-1")
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)


def test_an_event_vanishes_with_the_transaction_of_its_cause(alice: Developer) -> None:
    making.endpoint(alice.organization, URL, "connection.*")

    with transaction.atomic():
        making.emit(alice.organization)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_another_tenants_endpoints_hear_nothing(alice: Developer) -> None:
    charlie = factories.charlie()
    making.endpoint(charlie.organization, URL, "connection.*")
    making.emit(alice.organization)
    assert not Message.objects.exists()


def test_an_endpoint_of_one_end_user_hears_of_no_other_and_of_nothing_general(alice: Developer) -> None:
    jane, joe = (factories.end_user(alice.organization) for _ in range(2))
    making.endpoint(alice.organization, URL, "connection.*", user_id=jane.id)
    making.emit(alice.organization, user_id=joe.id)
    making.emit(alice.organization)
    assert not Message.objects.exists()
    making.emit(alice.organization, user_id=jane.id)
    assert Message.objects.get().user_id == jane.id


def test_what_comes_while_an_endpoint_is_paused_is_dropped_for_it_and_kept_for_recovery(alice: Developer) -> None:
    endpoint = making.endpoint(alice.organization, URL, "connection.*")
    lifecycle.update(endpoint, {"paused": True}, SYSTEM)
    making.emit(alice.organization)
    assert (Message.objects.count(), making.only_delivery().state) == (1, Delivery.State.DROPPED)


def test_an_event_of_no_registered_type_is_a_fault_of_the_program(alice: Developer) -> None:
    with pytest.raises(events.UnknownEventType):
        events.emit(alice.organization.pk, "connection.vanished", {})


def test_emitting_costs_one_query_without_listeners_and_two_with(alice: Developer) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            events.emit_many(
                subscribers.of_organization(alice.organization.pk),
                [events.Event("connection.created", making.EXAMPLE) for _ in range(50)],
            )
        return len(found)

    assert queries() == 1
    making.endpoint(alice.organization, URL)
    making.endpoint(alice.organization, URL)
    assert queries() == 2
    assert Delivery.objects.count() == 100


def test_a_commit_wakes_the_workers(alice: Developer, django_capture_on_commit_callbacks: Any) -> None:
    making.endpoint(alice.organization, URL, "connection.*")
    with django_capture_on_commit_callbacks() as callbacks:
        making.emit(alice.organization)
    assert [callback.__qualname__.split(".")[0] for callback in callbacks] == ["WakeUp"]


def test_erasing_a_person_takes_their_messages_along(alice: Developer) -> None:

    jane = factories.end_user(alice.organization)
    making.endpoint(alice.organization, URL, "connection.*")
    making.endpoint(alice.organization, URL, "connection.*", user_id=jane.id)
    making.emit(alice.organization, user_id=jane.id)
    kept = making.emit(alice.organization)
    assert erasure.summary(jane.key)["webhook_messages"] == {"count": 1}
    removed = erasing.erase(jane, SYSTEM)
    assert removed.rows["webhooks.Message"] == 1
    assert list(Message.objects.values_list("id", flat=True)) == [kept]
    assert Delivery.objects.count() == 1


def test_ids_have_no_dots_and_sort_by_time(alice: Developer) -> None:
    making.endpoint(alice.organization, URL, "connection.*")
    first, second = making.emit(alice.organization), making.emit(alice.organization)
    assert first.startswith("msg_")
    assert "." not in first + second
    assert len({first, second, str(uuid.uuid4())}) == 3
