"""A customer with a server of their own, and a clock that can be moved."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F

from accounts.webhooks.models import Delivery
from tests import factories
from tests.webhooks.receiver import Customer, customer
from wearlink.lib import clock


@pytest.fixture
def receiver() -> Iterator[Customer]:
    with customer() as one:
        yield one


class AdvancedClock:
    """The clock that the code asks, ahead of the real one. What waits in the database comes nearer instead."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self._now = clock.now

    def now(self) -> datetime:
        return self._now() + self.ahead

    def forward(self, **by: float) -> None:
        self.ahead += timedelta(**by)
        past = timedelta(**by)
        Delivery.objects.update(due_at=F("due_at") - past, locked_until=F("locked_until") - past)


@pytest.fixture
def time_machine(monkeypatch: pytest.MonkeyPatch) -> AdvancedClock:
    moved = AdvancedClock()
    monkeypatch.setattr(clock, "now", moved.now)
    monkeypatch.setattr(clock, "now_ms", lambda: clock.to_ms(moved.now()))
    return moved


@pytest.fixture
def alice(db: None) -> Any:
    """The owner of an organization."""
    return factories.alice()
