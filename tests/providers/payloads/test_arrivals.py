"""While more of an end user's payloads wait, the figures of days are not computed again and again."""

from datetime import timedelta

import pytest

from accounts.models import EndUser
from healthdata.figures import arrivals
from healthdata.figures.arrivals import MAX_SETTLING_SECONDS, SETTLING_SECONDS
from healthdata.models import DayFigure, DueDay
from healthdata.tasks import compute_figures
from providers.models import Payload
from providers.payloads.process import drain
from providers.payloads.receive import IncomingPayload, receive
from tests.providers.sync_bodies import heart_rates, sync
from wearlink.lib import clock

pytestmark = pytest.mark.django_db


def send(user: EndUser, first: int) -> None:
    body = sync(records=heart_rates(5, first))
    receive(IncomingPayload(user.key, user.organization_id, "apple", body, items=5))


def pause_after(user: EndUser, seconds: float) -> float:
    """Return the pause of whoever comes so many seconds after the first mark."""
    DueDay.objects.filter(user_key=user.key).update(since=clock.now() - timedelta(seconds=seconds))
    return arrivals.pause(user.key)


def test_figures_wait_while_an_upload_lasts_and_are_computed_at_its_end(jane: EndUser) -> None:
    send(jane, 0)
    drain(jane.key)
    send(jane, 5)
    compute_figures(jane.key)
    assert DueDay.objects.filter(user_key=jane.key).exists()
    assert not DayFigure.objects.filter(user_key=jane.key).exists()
    drain(jane.key)
    compute_figures(jane.key)
    assert not DueDay.objects.filter(user_key=jane.key).exists()
    assert DayFigure.objects.filter(user_key=jane.key).exists()


def test_the_pause_doubles_and_ends_after_half_a_minute(jane: EndUser) -> None:
    send(jane, 0)
    drain(jane.key)
    send(jane, 5)
    pauses = [pause_after(jane, age) for age in (0, 6, 12, 24, MAX_SETTLING_SECONDS)]
    assert pauses == pytest.approx([SETTLING_SECONDS, 6, 12, 6, 0], abs=0.5)


def test_nothing_gives_way_to_what_is_stored_or_given_up(jane: EndUser) -> None:
    send(jane, 0)
    drain(jane.key)
    assert pause_after(jane, 3) == 0
    send(jane, 5)
    Payload.objects.waiting().update(state=Payload.State.DEAD)
    assert pause_after(jane, 3) == 0


def test_an_end_user_without_marks_gives_way_to_nothing(jane: EndUser) -> None:
    send(jane, 0)
    assert arrivals.pause(jane.key) == 0
