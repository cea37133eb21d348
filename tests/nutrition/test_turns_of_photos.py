"""Two organizations with photos to recognise: neither waits behind all that the other has sent."""

from typing import Any

import pytest

from accounts.models import EndUser
from nutrition import tasks
from nutrition.models import MealLog, RecognitionJob
from nutrition.photos import leases
from tests import broker_messages, factories
from tests.nutrition.calls import send_photo
from tests.nutrition.vendor import VisionVendor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table", "model")]


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the messages to the broker for workers of photos."""
    return broker_messages.of_task(tasks.LINE.task, monkeypatch)


@pytest.fixture
def lone(db: None) -> EndUser:
    """The one end user of Charlie's."""
    return factories.end_user(factories.charlie().organization)


def photo_of(user: EndUser) -> RecognitionJob:
    assert send_photo(factories.key_client(user.organization), user).status_code == 202
    return RecognitionJob.objects.latest("key")


def test_an_organization_has_so_many_photos_at_work_and_others_have_theirs(
    jane: EndUser, lone: EndUser, settings: Any
) -> None:
    settings.ORGANIZATION_PHOTOS = 1
    first, second, other = photo_of(jane), photo_of(jane), photo_of(lone)
    held = leases.acquire(first.job_id)
    assert held is not None
    assert leases.acquire(second.job_id) is None
    assert leases.acquire(other.job_id) is not None
    held.end()
    assert leases.acquire(second.job_id) is not None


def test_who_comes_beside_a_crowd_is_next(
    jane: EndUser, lone: EndUser, messages: list[int], model: VisionVendor, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            photo_of(jane)
        photo_of(lone)
    while messages:
        with django_capture_on_commit_callbacks(execute=True):
            tasks.recognize_meal(messages.pop(0))
    done = MealLog.objects.filter(status="recognized").order_by("recognized_at")
    assert len(done) == 4
    assert lone.key in [log.user_key for log in done[:2]]
