"""Plans give limits; usage is counted a day."""

from datetime import timedelta

import pytest

from accounts import audit
from accounts.limits import HOBBY
from accounts.models import AuditEntry, Developer, Organization
from billing import plans
from tests import factories
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


def test_a_new_organization_has_the_hobby_limits() -> None:
    organization = Organization.objects.create(name="New")
    assert organization.limits == HOBBY == plans.find("hobby").limits


@pytest.mark.parametrize(
    ("plan", "a_minute", "photos", "cents"),
    [
        ("hobby", 6000, 20, 0),
        ("developer", 30000, 500, 9_900),
        ("scale", 120000, 5000, 49_900),
        ("enterprise", None, None, None),
    ],
)
def test_the_four_plans(plan: str, a_minute: int | None, photos: int | None, cents: int | None) -> None:
    found = plans.find(plan)
    assert (found.limits.requests_per_minute, found.limits.photos_per_day) == (a_minute, photos)
    assert (found.price_usd_cents, found.limits.plan) == (cents, plan)


def test_a_new_plan_holds_from_the_next_call_on(
    alice: Developer, django_capture_on_commit_callbacks: pytest.FixtureRequest
) -> None:
    client = factories.key_client(alice)
    assert client.get("/api/v1/users")["X-RateLimit-Limit"] == "6000"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        plans.apply(alice.organization, "scale", audit.SYSTEM)
    assert client.get("/api/v1/users")["X-RateLimit-Limit"] == "120000"
    entry = AuditEntry.objects.get(action="billing.plan_changed")
    assert entry.data == {"from": "hobby", "to": "scale"}
    plans.apply(alice.organization, "scale", audit.SYSTEM)
    assert AuditEntry.objects.filter(action="billing.plan_changed").count() == 1


def test_an_unknown_plan_is_refused(alice: Developer) -> None:
    with pytest.raises(InvalidInput, match="hobby, developer, scale, enterprise"):
        plans.apply(alice.organization, "gold", audit.SYSTEM)


def test_a_new_price_never_rewrites_history(alice: Developer) -> None:
    before = plans.find("developer")
    after = plans.change("developer", {"price_usd_cents": 12_900}, audit.SYSTEM)
    assert plans.find("developer").price_usd_cents == 12_900
    assert plans.find("developer", after.valid_from - timedelta(seconds=1)) == before
    assert (before.price_usd_cents, after.photos_per_day) == (9_900, 500)
    entry = AuditEntry.objects.get(action="billing.plan_version_added")
    assert entry.data["changes"] == {"price_usd_cents": 12_900}


def test_new_limits_hold_at_once_for_everybody_on_the_plan(alice: Developer) -> None:
    plans.apply(alice.organization, "scale", audit.SYSTEM)
    plans.change("scale", {"photos_per_day": None, "requests_per_minute": 7}, audit.SYSTEM)
    alice.organization.refresh_from_db()
    assert (alice.organization.photos_per_day, alice.organization.requests_per_minute) == (None, 7)
    assert plans.bring_up_to_date() == 0


def test_a_version_can_begin_later(alice: Developer, monkeypatch: pytest.MonkeyPatch) -> None:
    begins = clock.now() + timedelta(days=1)
    plans.change("hobby", {"photos_per_day": 5}, audit.SYSTEM, begins)
    assert plans.find("hobby").photos_per_day == 20
    assert plans.bring_up_to_date() == 0
    monkeypatch.setattr(clock, "now", lambda: begins)
    assert plans.bring_up_to_date() == 1
    alice.organization.refresh_from_db()
    assert alice.organization.photos_per_day == 5


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"price_usd_cents": -1}, "price_usd_cents"), ({"name": 1}, "name"), ({"photos_per_day": 1 << 40}, "photos_per")],
)
def test_a_version_that_makes_no_sense_is_refused(changes: dict[str, int], field: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        plans.change("hobby", changes, audit.SYSTEM)


def test_a_version_cannot_begin_in_the_past() -> None:
    with pytest.raises(InvalidInput, match="rewrites history"):
        plans.change("hobby", {"photos_per_day": 5}, audit.SYSTEM, clock.now() - timedelta(days=1))
