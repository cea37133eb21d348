"""Erasing an end user ends only once everything outside the database is gone."""

from datetime import timedelta

import pytest

from accounts import audit
from accounts.deletion import erasing, leftovers
from accounts.models import EndUser, Leftover
from providers.models import Payload
from providers.payloads import receive
from tests.providers.conftest import jane
from tests.providers.sync_bodies import heart_rates, sync
from wearlink.lib import clock, storage

__all__ = ["jane"]


def stored_object(user: EndUser, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(receive, "INLINE_BYTES", 10)
    receive.receive(receive.IncomingPayload(user.key, user.organization_id, "apple", sync(records=heart_rates(9)), 9))
    return Payload.objects.get(user_key=user.key).object_key


def test_what_is_to_be_removed_is_written_down_by_the_erasing_transaction(
    jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stored_object(jane, monkeypatch)
    assert storage.exists(key)
    erasing.erase(jane, audit.SYSTEM)
    left = Leftover.objects.get()
    assert (left.name, left.user_id, left.organization_id) == (key, jane.id, jane.organization_id)
    assert leftovers.remove_due() == 1
    assert not storage.exists(key)
    assert not Leftover.objects.exists()


def test_a_store_that_is_down_is_asked_again(jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    key = stored_object(jane, monkeypatch)
    erasing.erase(jane, audit.SYSTEM)

    def down(_: str) -> None:
        raise storage.StoreUnavailable("down")

    monkeypatch.setitem(leftovers.REMOVERS, leftovers.OBJECT, down)
    assert leftovers.remove_due() == 0
    row = Leftover.objects.get()
    assert row.attempts == 1
    assert row.due_at > clock.now()
    monkeypatch.setitem(leftovers.REMOVERS, leftovers.OBJECT, storage.delete)
    Leftover.objects.update(due_at=clock.now() - timedelta(seconds=1))
    assert leftovers.remove_due() == 1
    assert not storage.exists(key)
