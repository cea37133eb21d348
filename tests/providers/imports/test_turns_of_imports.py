"""Two organizations with files to import: neither waits behind all that the other has sent."""

from typing import Any

import pytest

from accounts.models import EndUser
from providers.imports import jobs, tasks
from providers.imports.leases import acquire
from providers.models import ImportJob
from tests import broker_messages, factories
from tests.providers.exports import export, heart_rates, receive
from wearlink.lib.errors import TooManyRequests

pytestmark = pytest.mark.django_db
State = ImportJob.State


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the messages to the broker for workers of imports."""
    return broker_messages.of_task(tasks.LINE.task, monkeypatch)


@pytest.fixture
def crowd() -> list[EndUser]:
    """Three end users of Alice's."""
    organization = factories.alice().organization
    return [factories.end_user(organization) for _ in range(3)]


@pytest.fixture
def lone(db: None) -> EndUser:
    """The one end user of Charlie's."""
    return factories.end_user(factories.charlie().organization)


def waiting(user: EndUser) -> ImportJob:
    return receive(user, export(heart_rates(20)))


def test_an_organization_has_one_import_at_work_and_others_have_theirs(crowd: list[EndUser], lone: EndUser) -> None:
    first, second, _ = (waiting(user) for user in crowd)
    other = waiting(lone)
    held = acquire(first.job_id)
    assert held is not None
    assert acquire(second.job_id) is None
    assert acquire(other.job_id) is not None
    held.finish(State.DONE)
    assert acquire(second.job_id) is not None


def test_who_comes_beside_a_crowd_is_next(
    crowd: list[EndUser], lone: EndUser, messages: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for user in crowd:
            tasks.enqueue(waiting(user))
        tasks.enqueue(waiting(lone))
    ended: list[int] = []
    while messages:
        with django_capture_on_commit_callbacks(execute=True):
            tasks.run(messages.pop(0))
        done = ImportJob.objects.filter(state=State.DONE).order_by("finished_at")
        ended = [job.user_key for job in done]
    assert len(ended) == 4
    assert lone.key in ended[:2]


def test_a_long_import_makes_room_while_others_wait_and_goes_on_after_them(
    crowd: list[EndUser],
    lone: EndUser,
    messages: list[int],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(jobs, "FAIR_SECONDS", -1)
    long, other = waiting(crowd[0]), waiting(lone)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.enqueue(long)
        tasks.enqueue(other)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.run(messages.pop(0))
    states = dict(ImportJob.objects.values_list("pk", "state"))
    assert (states[long.pk], ImportJob.objects.get(pk=long.pk).elements) == (State.QUEUED, 20)
    while messages:
        with django_capture_on_commit_callbacks(execute=True):
            tasks.run(messages.pop(0))
    assert set(ImportJob.objects.values_list("state", flat=True)) == {State.DONE}


def test_what_an_organization_may_have_waiting_is_bounded_and_its_neighbour_may_still_send(
    crowd: list[EndUser], lone: EndUser, settings: Any
) -> None:
    settings.ORGANIZATION_IMPORT_BACKLOG = 2
    one, two, three = crowd
    waiting(one)
    link = f"/api/v1/users/{two.id}/import/apple/xml/s3"
    assert factories.key_client(two.organization).post(link, {}, format="json").status_code == 202
    with pytest.raises(TooManyRequests, match="2 imports of this organization wait"):
        waiting(three)
    refused = factories.key_client(two.organization).post(link, {}, format="json")
    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (429, "backlog", "60")
    assert waiting(lone).state == State.QUEUED
